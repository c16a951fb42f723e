import { once } from 'node:events';
import https from 'node:https';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../cli/run.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { injected } from '../inject/pods.ts';
import { type ServerProcess, serveProcess } from '../server/process.ts';
import { type Answered, review, send, UID } from '../server/serving.ts';
import { corpus, mutated, spliced } from './mutations.ts';
import { RUNS } from './runs.ts';

/*
 * Hostile reviews at the port of the real process. Whatever it is, it is answered; what holds a uid is answered with it.
 * More by SHUNT_RUNS=1000000, which takes some twenty minutes.
 */

const BATCH = 200;
const AT_ONCE = 8;
/** With other tests on the same two processors; the numbers are printed. */
const MAX_P99_MS = 1000;
const MAX_RESIDENT_MB = 370;

const SEEDS = [
  review(),
  review({ object: plain(injected(fixturePod('jobqueue'))) }),
  review({ object: plain(fixturePod('changeprop')), namespace: 'changeprop' }),
  review({ object: plain(fixturePod('mobileapps')), namespace: 'mobileapps' }),
  review({ operation: 'UPDATE', oldObject: plain(fixturePod('jobqueue')) }),
];

const bodies = fc.oneof(
  { arbitrary: mutated(SEEDS).map((value) => JSON.stringify(value) ?? ''), weight: 5 },
  { arbitrary: spliced(SEEDS.map((seed) => JSON.stringify(seed))), weight: 1 },
);

let server: ServerProcess;
const agent = new https.Agent({ keepAlive: true, maxSockets: AT_ONCE });
beforeAll(async () => {
  server = await serveProcess(temporaryFolder());
}, 30_000);
afterAll(() => {
  agent.destroy();
  server.stop();
});

/** The uid that the answer must hold: that of anything that can be read as a review with one. */
function uidOf(body: string): string | undefined {
  try {
    const { kind, request } = JSON.parse(body);
    const uid =
      kind === 'AdmissionReview' ? Object.getOwnPropertyDescriptor(request, 'uid')?.value : undefined;
    return typeof uid === 'string' && uid !== '' ? uid : undefined;
  } catch {
    return undefined;
  }
}

async function judge(body: string): Promise<void> {
  const { status, text } = await send(server, { body, agent });
  const { response, error } = JSON.parse(text) as Answered;
  const uid = uidOf(body);
  const isRight =
    uid === undefined
      ? status === 400 && error !== undefined
      : status === 200 && response?.uid === uid && typeof response.allowed === 'boolean';
  if (!isRight) throw new Error(`${status} ${text.slice(0, 300)} for ${body}`);
}

async function judgeAll(batch: readonly string[]): Promise<void> {
  const waiting = batch.values();
  const client = async (): Promise<void> => {
    for (const body of waiting) await judge(body);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

it.each(corpus('reviews').map((body) => [body.slice(0, 80), body]))('%s is answered', async (_, body) => {
  await judge(body);
});

it('is told which uid is meant', () => {
  expect(uidOf(JSON.stringify(review()))).toBe(UID);
  expect(uidOf('{"kind":"AdmissionReview","request":{"__proto__":{"uid":"x"}}}')).toBeUndefined();
});

it('each is answered with its uid, a usual client is answered soon meanwhile, and memory is bounded', async () => {
  const client = new Worker(path.join(import.meta.dirname, 'normal-client.ts'), {
    workerData: { port: server.port, ca: server.ca, body: JSON.stringify(review()), everyMs: 5 },
  });
  const seed = Math.floor(Math.random() * 2 ** 31);
  let peakMb = 0;
  for (let done = 0; done < RUNS; done += BATCH) {
    await judgeAll(fc.sample(bodies, { numRuns: Math.min(BATCH, RUNS - done), seed: seed + done }));
    peakMb = Math.max(peakMb, server.residentMb());
  }
  client.postMessage('stop');
  const [taken] = (await once(client, 'message')) as [number[]];
  taken.sort((a, b) => a - b);
  const at = (part: number): number => taken[Math.floor(taken.length * part)] ?? 0;
  console.log(
    `${RUNS} hostile reviews, ${taken.length} usual ones: p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)} ms; at most ${peakMb.toFixed(0)} MiB`,
  );
  expect(at(0.99)).toBeLessThan(MAX_P99_MS);
  expect(peakMb).toBeLessThan(MAX_RESIDENT_MB);
}, 7_200_000);
