import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { startMeshWorld } from '../../live/knative/inside/mesh-world.ts';
import { ADMIN_PORT, startMeshSidecar } from '../../live/knative/inside/sidecar.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { MeshBenchInput } from '../mesh-edges.ts';

/*
 * A sidecar under the real control plane of Istio that takes one set of values after the other, and what it then knows.
 * Runs in a sandbox.
 */

async function work({ envoy, diversion, values }: MeshBenchInput): Promise<JsonObject[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-bench-'));
  const world = await startMeshWorld(diversion, scratch);
  const sidecar = await startMeshSidecar(envoy, world, scratch);
  try {
    const dumps: JsonObject[] = [];
    for (const each of values) {
      await sidecar.take(each);
      dumps.push((await (await fetch(`http://127.0.0.1:${ADMIN_PORT}/config_dump`)).json()) as JsonObject);
    }
    return dumps;
  } finally {
    await sidecar.stop();
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<MeshBenchInput, JsonObject[]>(work);
