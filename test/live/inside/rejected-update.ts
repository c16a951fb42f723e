import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../webhook/core/host.ts';
import { configMapName, routesFile } from '../../../webhook/edges/pod-paths.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { configsFor, readDeclared } from '../../demo/changes.ts';
import { AppClient } from '../../stage/app-client.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { Seen } from '../../stage/origins.ts';
import { runPod } from '../../stage/pod-run.ts';
import { startWorld } from '../../stage/world.ts';

export interface RejectedInput {
  readonly pod: Pod;
  readonly workload: string;
  readonly container: string;
  readonly config: string;
  readonly diversion: string;
  readonly envoy: string;
  /** What stands in the file of the routes for a while. */
  readonly garbage: string;
}

/** Who answered a diverted job, and how many updates the proxy has refused, before, under and after the garbage. */
export interface RejectedOutput {
  readonly sites: readonly string[];
  readonly refused: readonly number[];
}

const SETTLE_MS = 1500;

async function work(input: RejectedInput): Promise<RejectedOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { plan, workload } = readDeclared(input.diversion, input.workload);
  const world = await startWorld(plan, scratch);
  const good = configsFor(input, {}, input.diversion);
  const own = configMapName(plan.diversion, workload.name);
  const file = routesFile(workload.upstreams[0]?.name ?? '');
  const bad = { ...good, [own]: { ...good[own], [file]: input.garbage } };
  const running = await runPod(input.pod, good, {
    isApp: ({ name }) => name === input.container,
    envoy: input.envoy,
    mounts: world.mounts,
    scratch,
  });
  const app = await AppClient.connect(running.app);
  const origin = `http://127.0.0.1:${workload.listeners[0]?.port}`;
  const sites: string[] = [];
  const refused: number[] = [];
  for (const configs of [good, bad, good]) {
    await running.update(configs);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const answer = await app.call({ origin, domain: plan.hosts[0] as Host });
    sites.push((answer.body as Seen).site);
    refused.push(await refusedUpdates(plan.sidecar.telemetryPort));
  }
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return { sites, refused };
}

/** The metric that an operator watches, as the sidecar publishes it. */
async function refusedUpdates(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => /^envoy_http_rds_update_(rejected|failure)\{/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

await serveSandbox<RejectedInput, RejectedOutput>(work);
