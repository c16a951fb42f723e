import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../webhook/core/host.ts';
import { configMapName } from '../../../webhook/edges/pod-paths.ts';
import { AppClient } from '../../stage/app-client.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { type SidecarInput, startSidecar } from './sidecar-run.ts';

export interface DrainInput extends SidecarInput {
  /** How long each job takes. */
  readonly jobMs: number;
  readonly hosts: readonly string[];
}

const STARTED_MS = 1000;

/** Replaces the listeners while a job of each host runs, and gives the status of each. */
async function work(input: DrainInput): Promise<number[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { plan, pod, workload, configs } = await startSidecar(input, scratch);
  const app = await AppClient.connect(pod.app);
  const origin = `http://127.0.0.1:${workload.listeners[0]?.port}`;
  const headers = { 'x-stage-delay-ms': String(input.jobMs) };
  const jobs = input.hosts.map((domain) => app.call({ origin, domain: domain as Host, headers }));
  await new Promise((resolve) => setTimeout(resolve, STARTED_MS));
  const own = configMapName(plan.diversion, workload.name);
  const listeners = configs[own]?.['lds.yaml'] ?? '';
  const replaced = listeners.replaceAll('_egress', '_egress_replaced');
  await pod.update({ ...configs, [own]: { ...configs[own], 'lds.yaml': replaced } });
  const answers = await Promise.all(jobs);
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return answers.map(({ status }) => status);
}

await serveSandbox<DrainInput, number[]>(work);
