import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import { refusal } from './fake-kube.ts';
import { followedForEachTest, MINUTE, pass, textOf } from './followed.ts';

const w = followedForEachTest();

describe('at the start', () => {
  it('everything is listed in pages, then told one by one, then watched', async () => {
    w().putMany(600);
    w().reflector.start();
    expect(w().reflector.synced).toBe(false);
    await pass(0);
    expect([w().reflector.items.size, w().changes.length, w().lists, w().kube.streams.current]).toEqual([
      600, 600, 3, 1,
    ]);
    expect(w().reflector.get('n/c599')).toBe('599');
    expect(w().reflector.synced).toBe(true);
  });

  it('nothing is told of what is not kept', async () => {
    w().put('c');
    w().reflector.start();
    await pass(0);
    expect([w().changes, w().reflector.synced]).toEqual([[], true]);
  });

  it.each([
    ['cannot be reached', 0, 3_000],
    ['refuses', 500, 30_000],
  ])('a server that %s is asked less and less often, and told of each time', async (_, status, longestMs) => {
    w().kube.fault = () => refusal(status);
    w().reflector.start();
    await pass(10 * MINUTE);
    expect(w().lists).toBeGreaterThan((10 * MINUTE) / longestMs);
    expect(w().lists).toBeLessThan((2 * 10 * MINUTE) / longestMs + 10);
    expect(w().failures.length).toBe(w().lists);
    w().kube.fault = () => undefined;
    w().put('a', '1');
    await pass(longestMs);
    expect(w().reflector.get('n/a')).toBe('1');
  });

  it('a page that fails throws away nothing and is no copy', async () => {
    w().putMany(300);
    let broken = true;
    w().kube.fault = ({ query }) => (broken && query?.['continue'] ? refusal(410) : undefined);
    w().reflector.start();
    await pass(0);
    expect([w().reflector.items.size, w().reflector.synced, w().failures.length]).toEqual([0, false, 0]);
    broken = false;
    await pass(1000);
    expect(w().reflector.items.size).toBe(300);
  });
});

describe('while it watches', () => {
  beforeEach(async () => {
    w().put('a', '1');
    w().reflector.start();
    await pass(0);
    w().changes.length = 0;
  });

  it('each change is told in order, after it is in the copy', async () => {
    w().put('b', '1');
    w().put('a', '2');
    w().remove('b');
    w().put('a');
    expect(w().changes).toEqual([
      'n/b: undefined -> 1',
      'n/a: 1 -> 2',
      'n/b: 1 -> undefined',
      'n/a: 2 -> undefined',
    ]);
    expect([...w().reflector.items]).toEqual([]);
  });

  it('a stream that ends is taken up where it was, without listing anew', async () => {
    await pass(MINUTE);
    w().kube.streams.end();
    w().put('b', '1');
    await pass(200);
    expect([w().changes, w().lists]).toEqual([['n/b: undefined -> 1'], 1]);
  });

  it('a bookmark moves the place from which it is taken up', async () => {
    for (let count = 0; count < 5; count += 1)
      w().kube.put(RESOURCES.secret, { metadata: { name: 's', namespace: 'n' } });
    w().kube.streams.bookmark(6);
    w().kube.streams.forget();
    await pass(MINUTE);
    w().kube.streams.end();
    await pass(MINUTE);
    expect([w().lists, w().failures]).toEqual([1, []]);
  });

  it.each([
    ['410 Gone', () => w().kube.streams.complain(410), 0],
    ['an error of the server', () => w().kube.streams.complain(500), 1],
    ['a connection that breaks', () => w().kube.streams.end(refusal(0)), 1],
    ['a connection that died and is given up', () => w().kube.streams.end(refusal(0, 'timed out')), 1],
  ])('after %s all is listed, and what was missed is found', async (_, breaks, told) => {
    w().put('b', '1');
    w().kube.streams.silent = true;
    w().put('c', '1');
    w().put('a', '2');
    w().remove('b');
    w().kube.streams.forget();
    w().changes.length = 0;
    breaks();
    w().kube.streams.silent = false;
    await pass(1000);
    expect(w().changes).toEqual(['n/b: 1 -> undefined', 'n/a: 1 -> 2', 'n/c: undefined -> 1']);
    expect([w().failures.length, w().lists]).toEqual([told, 2]);
    w().put('d', '1');
    expect(w().reflector.get('n/d')).toBe('1');
  });

  it('is kept while the server is away', async () => {
    w().kube.fault = () => refusal(0);
    w().kube.streams.end(refusal(0));
    await pass(5 * MINUTE);
    expect([w().reflector.get('n/a'), w().reflector.synced, w().changes]).toEqual(['1', true, []]);
  });
});

describe('relist()', () => {
  it('judges everything anew, without waiting', async () => {
    let kept = (text: string | undefined) => text !== '2';
    w().follow((object) => (kept(textOf(object)) ? textOf(object) : undefined));
    w().put('a', '1');
    w().put('b', '2');
    w().reflector.start();
    await pass(0);
    kept = (text) => text !== '1';
    w().changes.length = 0;
    w().reflector.relist();
    await pass(0);
    expect(w().changes).toEqual(['n/a: 1 -> undefined', 'n/b: undefined -> 2']);
    expect([w().failures, w().kube.streams.current]).toEqual([[], 1]);
  });

  it.each([0, 50, 150, 250])(
    'in the middle of a list (%i ms) shows nothing that was judged before',
    async (ms) => {
      w().putMany(600);
      w().kube.answerAfterMs = 100;
      let suffix = 'old';
      w().follow(() => suffix);
      w().reflector.start();
      await pass(ms);
      suffix = 'new';
      w().reflector.relist();
      await pass(1000);
      expect(new Set(w().reflector.items.values())).toEqual(new Set(['new']));
      expect(w().changes.filter((change) => change.includes('old'))).toEqual([]);
    },
  );

  it('while it waits after a failure is heeded at once', async () => {
    w().kube.fault = () => refusal(0);
    w().reflector.start();
    await pass(5 * MINUTE);
    w().kube.fault = () => undefined;
    const before = w().lists;
    w().reflector.relist();
    await pass(0);
    expect([w().lists, w().reflector.synced]).toEqual([before + 1, true]);
  });
});

describe('stop()', () => {
  it.each([0, 50, 150, 250, 1000])('after %i ms ends all requests and tells nothing more', async (ms) => {
    w().putMany(600);
    w().kube.answerAfterMs = 100;
    w().reflector.start();
    await pass(ms);
    w().reflector.stop();
    const [told, asked] = [w().changes.length, w().lists];
    w().put('late', '1');
    await pass(10 * MINUTE);
    expect([w().changes.length, w().lists, w().kube.streams.current, w().failures]).toEqual([
      told,
      asked,
      0,
      [],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('while it waits after a failure ends the wait', async () => {
    w().kube.fault = () => refusal(0);
    w().reflector.start();
    await pass(MINUTE);
    w().reflector.stop();
    await pass(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
