import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEnvoyWith } from '../../live/inside/envoy-run.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';
import { type Door, sendAll } from '../send.ts';

/** Runs in a sandbox: one Envoy with a configuration of its own, asked at one of its doors. */
export interface EnvoyInput {
  readonly envoy: string;
  readonly config: string;
  readonly diversion: string;
  readonly door: Door;
  readonly requests: readonly ConformanceRequest[];
}

async function work({ door, requests, ...input }: EnvoyInput): Promise<ConformanceAnswer[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-conformance-'));
  const running = await startEnvoyWith({ ...input, requests: [] }, scratch);
  try {
    return await sendAll(door, requests);
  } finally {
    running.container.process.kill('SIGKILL');
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<EnvoyInput, ConformanceAnswer[]>(work);
