import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../webhook/core/host.ts';
import { AppClient } from '../../stage/app-client.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { Seen } from '../../stage/origins.ts';
import { type NameFate, startResolver } from '../../stage/resolver.ts';
import { type SidecarInput, startSidecar } from './sidecar-run.ts';

export interface NamesInput extends SidecarInput {
  /** What the resolver does with these names. */
  readonly ill: Readonly<Record<string, NameFate>>;
  /** Hosts of calls, one after another. */
  readonly hosts: readonly string[];
}

export interface NamesOutput {
  readonly startMs: number;
  readonly answers: readonly { readonly status: number; readonly site?: string }[];
}

/** Starts a pod whose resolver knows some names badly, and calls with each host. */
async function work(input: NamesInput): Promise<NamesOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { pod, workload, startMs } = await startSidecar(input, scratch, { resolver: true }, async (world) => {
    await startResolver(world.hosts, input.ill);
  });
  const app = await AppClient.connect(pod.app);
  const origin = `http://127.0.0.1:${workload.listeners[0]?.port}`;
  const answers: { status: number; site?: string }[] = [];
  for (const domain of input.hosts) {
    const { status, body } = await app.call({ origin, domain: domain as Host });
    const { site } = (body ?? {}) as Partial<Seen>;
    answers.push({ status, ...(site === undefined ? {} : { site }) });
  }
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return { startMs, answers };
}

await serveSandbox<NamesInput, NamesOutput>(work);
