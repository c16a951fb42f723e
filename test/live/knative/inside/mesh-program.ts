import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveSandbox } from '../../../stage/inside.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { NUMBER_HEADER, sendOnWire } from '../../../stage/wire.ts';
import type { World } from '../../../stage/world.ts';
import type { Answer } from '../../live-request.ts';
import type { MeshInput, MeshRequest } from '../mesh-run.ts';
import { startMeshWorld } from './mesh-world.ts';
import { startMeshSidecar } from './sidecar.ts';

/*
 * Runs an API server, the control plane of Istio, one sidecar and origins for all that the mesh leads to, and takes
 * them through steps. Runs in a sandbox.
 */

const AT_ONCE = 8;

async function work({ diversion, envoy, steps }: MeshInput): Promise<Answer[][]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-mesh-'));
  const world = await startMeshWorld(diversion, scratch);
  const sidecar = await startMeshSidecar(envoy, world, scratch);
  const answers: Answer[][] = [];
  try {
    for (const step of steps) {
      if (step.kind === 'values') await sidecar.take(step.values);
      else if (step.kind === 'stop') await stopHost(world, step.host);
      answers.push(step.kind === 'send' ? await sendAll(world, step.requests) : []);
    }
    return answers;
  } finally {
    await sidecar.stop();
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function stopHost(world: World, host: string): Promise<void> {
  const origins = [...world.origins].filter(([place]) => place.startsWith(`${host}:`));
  if (origins.length === 0) throw new StageError(`the stage has no ${host}`);
  for (const [, origin] of origins) await origin.close();
}

let next = 0;

async function sendAll(world: World, requests: readonly MeshRequest[]): Promise<Answer[]> {
  const first = next;
  next += requests.length;
  const answers: Answer[] = new Array(requests.length);
  const waiting = requests.entries();
  const worker = async (): Promise<void> => {
    for (const [index, { port, ...request }] of waiting)
      answers[index] = await sendOnWire(port, request, first + index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const arrived = Map.groupBy(world.arrivals(), ({ headers }) => String(headers[NUMBER_HEADER]));
  return answers.map((answer, index) => ({
    ...answer,
    arrivals: arrived.get(String(first + index))?.length ?? 0,
  }));
}

await serveSandbox<MeshInput, Answer[][]>(work);
