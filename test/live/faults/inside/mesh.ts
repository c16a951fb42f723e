import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../../../conformance/request.ts';
import { sendAll } from '../../../conformance/send.ts';
import { serveSandbox } from '../../../stage/inside.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { startMeshWorld } from '../../knative/inside/mesh-world.ts';
import { startMeshSidecar } from '../../knative/inside/sidecar.ts';

/** Runs in a sandbox: a sidecar of a real Istio mesh, asked with one set of values after the other. */
export interface MeshVariants {
  readonly envoy: string;
  readonly diversion: string;
  readonly variants: readonly JsonObject[];
  readonly ports: readonly number[];
  readonly requests: readonly ConformanceRequest[];
}

/** Of each set in turn; null where it is refused. */
async function work(input: MeshVariants): Promise<(ConformanceAnswer[] | null)[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-faults-'));
  const world = await startMeshWorld(input.diversion, scratch);
  const sidecar = await startMeshSidecar(input.envoy, world, scratch);
  const answers: (ConformanceAnswer[] | null)[] = [];
  try {
    for (const values of input.variants) answers.push(await asked(values));
    return answers;
  } finally {
    await sidecar.stop();
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }

  async function asked(values: JsonObject): Promise<ConformanceAnswer[] | null> {
    try {
      await sidecar.take(values);
    } catch (error) {
      if (error instanceof StageError || error instanceof TypeError) return null;
      throw error;
    }
    const all: ConformanceAnswer[] = [];
    for (const port of input.ports)
      all.push(...(await sendAll({ address: '127.0.0.1', port }, input.requests)));
    return all;
  }
}

await serveSandbox<MeshVariants, (ConformanceAnswer[] | null)[]>(work);
