import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../webhook/core/host.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { configsFor, readDeclared } from '../../demo/changes.ts';
import { AppClient } from '../../stage/app-client.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { Seen } from '../../stage/origins.ts';
import { runPod } from '../../stage/pod-run.ts';
import { startWorld } from '../../stage/world.ts';

export interface CrowdedInput {
  readonly pod: Pod;
  readonly workload: string;
  /** Name of the container that is the app. */
  readonly container: string;
  readonly config: string;
  readonly diversion: string;
  readonly envoy: string;
  /** Where the app sends its jobs, as its configuration has it after the config step. */
  readonly origin: string;
  /** How many jobs of the diverted host are in flight, and how long each takes. */
  readonly slow: number;
  readonly slowMs: number;
  /** Whether to wait for the slow jobs as well; directly, those that wait for a socket take several times as long. */
  readonly untilSlowEnd: boolean;
}

export interface CrowdedOutput {
  /** Time of each job of another host, sent while the slow jobs run. */
  readonly othersMs: readonly number[];
  /** Slow jobs that had reached their origin when the others were answered. */
  readonly slowArrived: number;
  /** Where jobs were answered, and with what: `site status`, each with its count. */
  readonly answers: Readonly<Record<string, number>>;
}

const OTHERS = ['en.wikipedia.org', 'de.wikipedia.org'];
const OTHER_JOBS = 10;
/** So many handshakes at once as origins on one machine can answer in time. */
const WAVE = 50;
const LOOK_EVERY_MS = 20;
const STILL_MS = 1000;

async function work(input: CrowdedInput): Promise<CrowdedOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { plan } = readDeclared(input.diversion, input.workload);
  const host = plan.hosts[0] as Host;
  const world = await startWorld(plan, scratch, { productionNames: [host, ...OTHERS] });
  const running = await runPod(input.pod, configsFor(input, {}, input.diversion), {
    isApp: ({ name }) => name === input.container,
    envoy: input.envoy,
    mounts: world.mounts,
    scratch,
  });
  const app = await AppClient.connect(running.app);
  const send = async (domain: string, delayMs: number) => {
    const started = performance.now();
    const headers = { 'x-stage-delay-ms': String(delayMs), 'x-stage-job': domain };
    const answer = await app.call({ origin: input.origin, domain, headers });
    return { answer, ms: performance.now() - started };
  };
  const arrived = (): number =>
    world.arrivals().filter(({ headers }) => headers['x-stage-job'] === host).length;
  const slow: ReturnType<typeof send>[] = [];
  let waiting = false;
  while (slow.length < input.slow) {
    const wave = Math.min(WAVE, input.slow - slow.length);
    slow.push(...Array.from({ length: wave }, () => send(host, input.slowMs)));
    // Once some wait for a socket, the rest would wait behind them.
    if (!waiting) waiting = !(await allArrive(arrived, slow.length));
  }
  const others = await Promise.all(
    Array.from({ length: OTHER_JOBS }, (_, index) => send(OTHERS[index % OTHERS.length] ?? '', 0)),
  );
  const slowArrived = arrived();
  const all = [...others, ...(input.untilSlowEnd ? await Promise.all(slow) : [])];
  const answers: Record<string, number> = {};
  for (const { answer } of all) {
    const key = `${(answer.body as Partial<Seen>)?.site} ${answer.status}`;
    answers[key] = (answers[key] ?? 0) + 1;
  }
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return { othersMs: others.map(({ ms }) => Math.round(ms)), slowArrived, answers };
}

/** Whether so many arrive, before a while passes in which none does. */
async function allArrive(arrived: () => number, all: number): Promise<boolean> {
  let last = { count: arrived(), at: Date.now() };
  while (last.count < all && Date.now() - last.at < STILL_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (arrived() > last.count) last = { count: arrived(), at: Date.now() };
  }
  return last.count >= all;
}

await serveSandbox<CrowdedInput, CrowdedOutput>(work);
