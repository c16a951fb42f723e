import { afterEach, describe, expect, it, vi } from 'vitest';
import { refusal } from './fake-kube.ts';
import { followedForEachTest, MINUTE, pass } from './followed.ts';

const w = followedForEachTest();

describe('does not hammer', () => {
  it.each([
    ['ends every stream at once', () => ({ ok: true }) as const],
    ['refuses every stream', () => refusal(500)],
    ['forgets every version', () => refusal(410)],
  ])('a server that %s', async (_, answer) => {
    const watch = vi.spyOn(w().kube, 'watch').mockImplementation(async () => answer());
    w().reflector.start();
    await pass(10 * MINUTE);
    expect(watch.mock.calls.length).toBeGreaterThan(20);
    expect(watch.mock.calls.length + w().lists).toBeLessThan(80);
  });

  it('a server that says something on each stream and then breaks it', async () => {
    w().reflector.start();
    const breaks = setInterval(() => {
      w().put('a', String(Date.now()));
      w().kube.streams.end(refusal(0));
    }, 50);
    await pass(10 * MINUTE);
    clearInterval(breaks);
    expect(w().lists).toBeLessThan(40);
  });

  it('once a stream has lasted, its end costs a short wait alone', async () => {
    w().kube.fault = () => refusal(0);
    w().reflector.start();
    await pass(5 * MINUTE);
    w().kube.fault = () => undefined;
    await pass(MINUTE);
    w().kube.streams.end(refusal(0));
    const before = w().lists;
    await pass(200);
    expect(w().lists).toBe(before + 1);
  });
});

describe('what should not happen is told, and tried again', () => {
  afterEach(async () => {
    expect(w().failures).toHaveLength(1);
    expect(w().failures[0]?.message).toMatch(/^internal error: .*Error/);
    await pass(MINUTE);
    expect(w().lists).toBe(2);
  });

  it('when what is kept of an object cannot be worked out', async () => {
    let times = 0;
    w().follow(() => (times++ === 0 ? fail() : 'kept'));
    w().put('a', '1');
    w().reflector.start();
    await pass(0);
  });

  it('when a change cannot be told', async () => {
    vi.spyOn(w().changes, 'push').mockImplementationOnce(() => fail());
    w().put('a', '1');
    w().reflector.start();
    await pass(0);
  });

  it('when an event is of nothing', async () => {
    vi.spyOn(w().kube, 'watch').mockImplementationOnce(async ({ take }) => {
      take({ type: 'ADDED' });
      return { ok: true };
    });
    w().reflector.start();
    await pass(0);
  });
});

function fail(): never {
  throw new Error('on purpose');
}
