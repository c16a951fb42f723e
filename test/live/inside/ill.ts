import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../../webhook/core/host.ts';
import { AppClient } from '../../stage/app-client.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { Seen } from '../../stage/origins.ts';
import { type NameFate, startResolver } from '../../stage/resolver.ts';
import { StageError } from '../../stage/stage-error.ts';
import { type SidecarInput, startSidecar } from './sidecar-run.ts';

export interface IllInput extends SidecarInput {
  /** What the resolver does with these names; absent: names are written down. */
  readonly names?: Readonly<Record<string, NameFate>>;
  /** What stands at these paths of authorities; null: nothing. */
  readonly caFiles?: Readonly<Record<string, string | null>>;
  /** Hosts of calls, one after another. */
  readonly hosts: readonly string[];
}

export interface IllOutput {
  readonly startMs: number;
  readonly answers: readonly { readonly status: number; readonly site?: string }[];
  /** The pod did not become ready, and why. */
  readonly failure?: string;
}

/** Starts a pod where something that it relies on is ill, and calls with each host. */
async function work(input: IllInput): Promise<IllOutput> {
  const { names, caFiles = {} } = input;
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const beyond = { resolver: names !== undefined, caFiles };
  try {
    const { pod, workload, startMs } = await startSidecar(input, scratch, beyond, async (world) => {
      if (names) await startResolver(world.hosts, names);
    });
    const app = await AppClient.connect(pod.app);
    const origin = `http://127.0.0.1:${workload.listeners[0]?.port}`;
    const answers: { status: number; site?: string }[] = [];
    for (const domain of input.hosts) {
      const { status, body } = await app.call({ origin, domain: domain as Host });
      const { site } = (body ?? {}) as Partial<Seen>;
      answers.push({ status, ...(site === undefined ? {} : { site }) });
    }
    return { startMs, answers };
  } catch (error) {
    if (error instanceof StageError) return { startMs: 0, answers: [], failure: error.message };
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<IllInput, IllOutput>(work);
