import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeFailure } from '../../webhook/controller/kube.ts';
import { Reflector } from '../../webhook/controller/reflector.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { FakeKube, refusal } from './fake-kube.ts';

const { configMap } = RESOURCES;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const MINUTE = 60_000;

let kube: FakeKube;
let changes: string[];
let failures: KubeFailure[];
let reflector: Reflector<string>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  kube = new FakeKube(() => Date.now());
  changes = [];
  failures = [];
  reflector = follow();
});
afterEach(() => {
  reflector.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function follow(keep: (object: JsonObject) => string | undefined = textOf): Reflector<string> {
  return new Reflector<string>({
    kube,
    resource: configMap,
    keep,
    changed: (key, now, before) => void changes.push(`${key}: ${before} -> ${now}`),
    failed: (_, failure) => void failures.push(failure),
  });
}

function textOf(object: JsonObject): string | undefined {
  const text = (object['data'] as JsonObject | undefined)?.['text'];
  return text === undefined ? undefined : String(text);
}

function put(name: string, text: string): void {
  kube.put(configMap, { metadata: { name, namespace: 'n' }, data: { text } });
}

const lists = () => kube.sent('GET', '/configmaps').length;

describe('at the start', () => {
  it('everything is listed in pages, then told one by one, then watched', async () => {
    for (let index = 0; index < 600; index += 1) put(`c${index}`, String(index));
    reflector.start();
    expect(reflector.synced).toBe(false);
    await pass(0);
    expect([reflector.items.size, changes.length, lists(), kube.streams.current]).toEqual([600, 600, 3, 1]);
    expect(reflector.get('n/c599')).toBe('599');
    expect(reflector.synced).toBe(true);
  });

  it('nothing is told of what is not kept', async () => {
    kube.put(configMap, { metadata: { name: 'c', namespace: 'n' } });
    reflector.start();
    await pass(0);
    expect([changes, reflector.synced]).toEqual([[], true]);
  });

  it.each([
    ['cannot be reached', 0, 3_000],
    ['refuses', 500, 30_000],
  ])('a server that %s is asked less and less often, and told of each time', async (_, status, longestMs) => {
    kube.fault = () => refusal(status);
    reflector.start();
    await pass(10 * MINUTE);
    expect(lists()).toBeGreaterThan((10 * MINUTE) / longestMs);
    expect(lists()).toBeLessThan((2 * 10 * MINUTE) / longestMs + 10);
    expect(failures.length).toBe(lists());
    kube.fault = () => undefined;
    put('a', '1');
    await pass(longestMs);
    expect(reflector.get('n/a')).toBe('1');
  });

  it('a page that fails throws away nothing and is no picture', async () => {
    for (let index = 0; index < 300; index += 1) put(`c${index}`, '1');
    let broken = true;
    kube.fault = ({ query }) => (broken && query?.['continue'] ? refusal(410) : undefined);
    reflector.start();
    await pass(0);
    expect([reflector.items.size, reflector.synced, failures.length]).toEqual([0, false, 0]);
    broken = false;
    await pass(1000);
    expect(reflector.items.size).toBe(300);
  });
});

describe('while it watches', () => {
  beforeEach(async () => {
    put('a', '1');
    reflector.start();
    await pass(0);
    changes.length = 0;
  });

  it('each change is told in order, after it is in the picture', async () => {
    put('b', '1');
    put('a', '2');
    kube.remove(configMap, 'b', 'n');
    kube.put(configMap, { metadata: { name: 'a', namespace: 'n' } });
    expect(changes).toEqual([
      'n/b: undefined -> 1',
      'n/a: 1 -> 2',
      'n/b: 1 -> undefined',
      'n/a: 2 -> undefined',
    ]);
    expect([...reflector.items]).toEqual([]);
  });

  it('a stream that ends is taken up where it was, without listing anew', async () => {
    await pass(MINUTE);
    kube.streams.end();
    put('b', '1');
    await pass(200);
    expect([changes, lists()]).toEqual([['n/b: undefined -> 1'], 1]);
  });

  it('a bookmark moves the place from which it is taken up', async () => {
    for (let count = 0; count < 5; count += 1)
      kube.put(RESOURCES.secret, { metadata: { name: 's', namespace: 'n' } });
    kube.streams.bookmark(6);
    kube.streams.forget();
    await pass(MINUTE);
    kube.streams.end();
    await pass(MINUTE);
    expect([lists(), failures]).toEqual([1, []]);
  });

  it.each([
    ['410 Gone', () => kube.streams.complain(410), 0],
    ['an error of the server', () => kube.streams.complain(500), 1],
    ['a connection that breaks', () => kube.streams.end(refusal(0)), 1],
    ['a connection that died and is given up', () => kube.streams.end(refusal(0, 'timed out')), 1],
  ])('after %s all is listed, and what was missed is found', async (_, breaks, told) => {
    put('b', '1');
    kube.streams.silent = true;
    put('c', '1');
    put('a', '2');
    kube.remove(configMap, 'b', 'n');
    kube.streams.forget();
    changes.length = 0;
    breaks();
    kube.streams.silent = false;
    await pass(1000);
    expect(changes).toEqual(['n/b: 1 -> undefined', 'n/a: 1 -> 2', 'n/c: undefined -> 1']);
    expect([failures.length, lists()]).toEqual([told, 2]);
    put('d', '1');
    expect(reflector.get('n/d')).toBe('1');
  });

  it('is kept while the server is away', async () => {
    kube.fault = () => refusal(0);
    kube.streams.end(refusal(0));
    await pass(5 * MINUTE);
    expect([reflector.get('n/a'), reflector.synced, changes]).toEqual(['1', true, []]);
  });
});

describe('does not hammer', () => {
  it.each([
    ['ends every stream at once', () => ({ ok: true }) as const],
    ['refuses every stream', () => refusal(500)],
    ['forgets every version', () => refusal(410)],
  ])('a server that %s', async (_, answer) => {
    const watch = vi.spyOn(kube, 'watch').mockImplementation(async () => answer());
    reflector.start();
    await pass(10 * MINUTE);
    expect(watch.mock.calls.length).toBeGreaterThan(20);
    expect(watch.mock.calls.length + lists()).toBeLessThan(80);
  });

  it('a server that says something on each stream and then breaks it', async () => {
    reflector.start();
    const breaks = setInterval(() => {
      put('a', String(Date.now()));
      kube.streams.end(refusal(0));
    }, 50);
    await pass(10 * MINUTE);
    clearInterval(breaks);
    expect(lists()).toBeLessThan(40);
  });

  it('once a stream has lasted, its end costs a short wait alone', async () => {
    kube.fault = () => refusal(0);
    reflector.start();
    await pass(5 * MINUTE);
    kube.fault = () => undefined;
    await pass(MINUTE);
    kube.streams.end(refusal(0));
    const before = lists();
    await pass(200);
    expect(lists()).toBe(before + 1);
  });
});

describe('what should not happen is told, and tried again', () => {
  afterEach(async () => {
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(/^a bug: .*Error/);
    await pass(MINUTE);
    expect(lists()).toBe(2);
  });

  it('when what is kept of an object cannot be worked out', async () => {
    let times = 0;
    reflector = follow(() => (times++ === 0 ? fail() : 'kept'));
    put('a', '1');
    reflector.start();
    await pass(0);
  });

  it('when a change cannot be told', async () => {
    vi.spyOn(changes, 'push').mockImplementationOnce(() => fail());
    put('a', '1');
    reflector.start();
    await pass(0);
  });

  it('when an event is of nothing', async () => {
    vi.spyOn(kube, 'watch').mockImplementationOnce(async ({ take }) => {
      take({ type: 'ADDED' });
      return { ok: true };
    });
    reflector.start();
    await pass(0);
  });
});

function fail(): never {
  throw new Error('on purpose');
}

describe('relist()', () => {
  it('judges everything anew, without waiting', async () => {
    let kept = (text: string | undefined) => text !== '2';
    reflector = follow((object) => (kept(textOf(object)) ? textOf(object) : undefined));
    put('a', '1');
    put('b', '2');
    reflector.start();
    await pass(0);
    kept = (text) => text !== '1';
    changes.length = 0;
    reflector.relist();
    await pass(0);
    expect(changes).toEqual(['n/a: 1 -> undefined', 'n/b: undefined -> 2']);
    expect([failures, kube.streams.current]).toEqual([[], 1]);
  });

  it.each([0, 50, 150, 250])(
    'in the middle of a list (%i ms) shows nothing that was judged before',
    async (ms) => {
      for (let index = 0; index < 600; index += 1) put(`c${index}`, '1');
      kube.answerAfterMs = 100;
      let suffix = 'old';
      reflector = follow(() => suffix);
      reflector.start();
      await pass(ms);
      suffix = 'new';
      reflector.relist();
      await pass(1000);
      expect(new Set(reflector.items.values())).toEqual(new Set(['new']));
      expect(changes.filter((change) => change.includes('old'))).toEqual([]);
    },
  );

  it('while it waits after a failure is heeded at once', async () => {
    kube.fault = () => refusal(0);
    reflector.start();
    await pass(5 * MINUTE);
    kube.fault = () => undefined;
    const before = lists();
    reflector.relist();
    await pass(0);
    expect([lists(), reflector.synced]).toEqual([before + 1, true]);
  });
});

describe('stop()', () => {
  it.each([0, 50, 150, 250, 1000])('after %i ms ends all requests and tells nothing more', async (ms) => {
    for (let index = 0; index < 600; index += 1) put(`c${index}`, '1');
    kube.answerAfterMs = 100;
    reflector.start();
    await pass(ms);
    reflector.stop();
    const [told, asked] = [changes.length, lists()];
    put('late', '1');
    await pass(10 * MINUTE);
    expect([changes.length, lists(), kube.streams.current, failures]).toEqual([told, asked, 0, []]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('while it waits after a failure ends the wait', async () => {
    kube.fault = () => refusal(0);
    reflector.start();
    await pass(MINUTE);
    reflector.stop();
    await pass(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
