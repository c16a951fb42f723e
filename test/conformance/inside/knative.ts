import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { startMeshWorld } from '../../live/knative/inside/mesh-world.ts';
import { startMeshSidecar } from '../../live/knative/inside/sidecar.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { Asked } from '../driver.ts';
import type { ConformanceRequest } from '../request.ts';
import { sendAll } from '../send.ts';

/** Runs in a sandbox: a sidecar of a real Istio mesh, asked with the values of today and with the diversion in them. */
export interface KnativeInput {
  readonly envoy: string;
  readonly diversion: string;
  readonly untouched: JsonObject;
  readonly diverted: JsonObject;
  readonly port: number;
  readonly requests: readonly ConformanceRequest[];
}

async function work(input: KnativeInput): Promise<Asked> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-conformance-'));
  const world = await startMeshWorld(input.diversion, scratch);
  const sidecar = await startMeshSidecar(input.envoy, world, scratch);
  const door = { address: '127.0.0.1', port: input.port };
  try {
    await sidecar.take(input.untouched);
    const untouched = await sendAll(door, input.requests);
    await sidecar.take(input.diverted);
    return { untouched, diverted: await sendAll(door, input.requests) };
  } finally {
    await sidecar.stop();
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<KnativeInput, Asked>(work);
