import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoff } from '../../webhook/controller/backoff.ts';
import { type Outcome, WorkQueue } from '../../webhook/controller/work-queue.ts';
import { milliseconds } from '../../webhook/core/duration.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const LONG = 1_000_000;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A queue whose handler takes that long, and what it was asked for and when. */
function queueOf(outcome: (key: string, time: number) => Outcome | Error, takesMs = 0, concurrency = 1) {
  const handled: string[] = [];
  const times: number[] = [];
  let running = 0;
  let most = 0;
  const start = Date.now();
  const handle = async (key: string): Promise<Outcome> => {
    handled.push(key);
    times.push(Date.now() - start);
    running += 1;
    most = Math.max(most, running);
    if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
    running -= 1;
    const result = outcome(key, handled.length);
    if (result instanceof Error) throw result;
    return result;
  };
  const queue = new WorkQueue({ handle, concurrency });
  return { queue, handled, times, most: () => most };
}

describe('a key', () => {
  it('that is added while it waits is handled once', async () => {
    const { queue, handled } = queueOf(() => 'done', 100);
    for (const key of ['busy', 'a', 'a', 'b', 'a']) queue.add(key);
    expect(queue.depth).toBe(3);
    await pass(LONG);
    expect(handled).toEqual(['busy', 'a', 'b']);
    expect(queue.depth).toBe(0);
  });

  it('that is added many times while it is handled is handled once more after, never at the same time', async () => {
    const { queue, handled, times, most } = queueOf(() => 'done', 100, 8);
    queue.add('a');
    await pass(50);
    for (let count = 0; count < 5; count += 1) queue.add('a');
    await pass(LONG);
    expect([handled, times, most()]).toEqual([['a', 'a'], [0, 100], 1]);
  });

  it('is looked at again as late as its handler says', async () => {
    const { queue, times } = queueOf((_, time) => (time < 3 ? { againIn: milliseconds(700) } : 'done'));
    queue.add('a');
    await pass(LONG);
    expect(times).toEqual([0, 700, 1400]);
  });

  it('that is added before its time is handled at once, and not again at its time', async () => {
    const { queue, times } = queueOf((_, time) => (time === 1 ? { againIn: milliseconds(700) } : 'done'));
    queue.add('a');
    await pass(300);
    queue.add('a');
    await pass(LONG);
    expect(times).toEqual([0, 300]);
  });
});

it('handles several keys at a time, and no more than it may', async () => {
  const { queue, handled, most } = queueOf(() => 'done', 100, 3);
  for (let key = 0; key < 10; key += 1) queue.add(String(key));
  await pass(LONG);
  expect([handled.length, most()]).toEqual([10, 3]);
});

describe('a key that fails', () => {
  it('is tried again, later each time, at last every 30 s', async () => {
    const { queue, times } = queueOf(() => 'failed');
    queue.add('a');
    await pass(200_000);
    queue.stop();
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0)).slice(1, 12);
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]);
  });

  it('starts from the shortest wait again after it went well', async () => {
    const { queue, times } = queueOf((_, time) => ([1, 2, 4].includes(time) ? 'failed' : 'done'));
    queue.add('a');
    await pass(5000);
    queue.add('a');
    await pass(LONG);
    expect(times).toEqual([0, 200, 600, 5000, 5200]);
  });

  it.each<[string, Outcome | Error]>([
    ['says so', 'failed'],
    ['throws', new Error('a bug')],
  ])('because its handler %s holds up no other, and is not lost', async (_, failure) => {
    const { queue, handled } = queueOf((key, time) => (key === 'a' && time === 1 ? failure : 'done'));
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await pass(LONG);
    expect(handled).toEqual(['a', 'b', 'c', 'a']);
    expect(queue.depth).toBe(0);
  });
});

describe('a queue that was stopped', () => {
  it('takes nothing, and lets what is under way finish', async () => {
    const { queue, handled } = queueOf(() => 'failed', 100);
    for (const key of ['a', 'b']) queue.add(key);
    queue.stop();
    queue.add('c');
    await pass(LONG);
    expect(handled).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets what was to be looked at later', async () => {
    const { queue, handled } = queueOf(() => ({ againIn: milliseconds(500) }));
    queue.add('a');
    await pass(100);
    queue.stop();
    await pass(LONG);
    expect(handled).toEqual(['a']);
  });
});

it.each([0, 1, 2, 10, 1000, 5000])(
  'the back-off after %i failures is finite and at most 30 s',
  (failures) => {
    for (const random of [0, 0.5, 1]) {
      const wait = backoff(failures, () => random);
      expect(wait).toBeGreaterThanOrEqual(100);
      expect(wait).toBeLessThanOrEqual(30_000);
    }
  },
);
