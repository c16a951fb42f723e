import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { alternate, type Round } from './alternate.ts';
import { askAll, fixedAnswer } from './ask.ts';
import { startClient } from './client.ts';
import type { BurstResult } from './load.ts';
import { peakMemoryMib } from './proc.ts';
import { largeReview, reviewMix } from './reviews.ts';
import { floorStart, startRepeatedly, webhookStart, writeCertificate } from './servers.ts';

/** The same measure of both servers. */
export interface Both<T> {
  readonly floor: T;
  readonly webhook: T;
}

export interface Measured {
  readonly rounds: readonly Round[];
  readonly large: BurstResult;
  readonly readyMs: Both<readonly number[]>;
  readonly peakMemoryMib: Both<number>;
  readonly reviewBytes: readonly number[];
  readonly answerBytes: number;
}

export interface Effort {
  /** Per server, over all rounds. */
  readonly seconds: number;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

const STARTS = 5;
const CONNECTIONS = 8;
const LARGE_REQUESTS = 50;

/** Measures the webhook against the floor, on the same reviews. */
export async function measureAdmission(effort: Effort): Promise<Measured> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shunt-bench-'));
  const cleanUps: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    return await measure(folder, effort, cleanUps);
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

async function measure(folder: string, effort: Effort, cleanUps: (() => Promise<void>)[]): Promise<Measured> {
  const ca = await writeCertificate(folder);
  effort.say(`starting both servers, ${STARTS} times each ...`);
  const webhook = await startRepeatedly(webhookStart(folder, ca), STARTS);
  cleanUps.push(webhook.server.stop);
  const reviews = reviewMix();
  const answerBytes = await askAll(webhook.server.port, ca, reviews);
  const answer = path.join(folder, 'answer.json');
  await writeFile(answer, fixedAnswer(answerBytes));
  const floor = await startRepeatedly(floorStart(folder, ca, answer), STARTS);
  cleanUps.push(floor.server.stop);
  const client = startClient();
  cleanUps.push(client.stop);

  const both = { floor: floor.server, webhook: webhook.server };
  const bodies = reviews.map(({ body }) => body);
  const rounds = await alternate(client, both, { ca, bodies, connections: CONNECTIONS }, effort);
  const memory = {
    floor: await peakMemoryMib(both.floor.pid),
    webhook: await peakMemoryMib(both.webhook.pid),
  };
  effort.say('reviewing a large pod ...');
  const large = await client.send({
    ca,
    port: both.webhook.port,
    bodies: [largeReview()],
    connections: 1,
    limit: { requests: LARGE_REQUESTS },
  });
  return {
    rounds,
    large,
    readyMs: { floor: floor.readyMs, webhook: webhook.readyMs },
    peakMemoryMib: memory,
    reviewBytes: bodies.map((body) => Buffer.byteLength(body)),
    answerBytes,
  };
}
