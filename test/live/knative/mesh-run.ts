import type { JsonObject } from '../../../webhook/core/json.ts';
import { findTool } from '../../cluster/tool.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import type { WireRequest } from '../../stage/wire.ts';
import type { Answer } from '../live-request.ts';

/** A request of an app in a pod of the mesh, to a port that its sidecar listens on. */
export interface MeshRequest extends WireRequest {
  readonly port: number;
}

/** What happens to one mesh, in order. */
export type Step =
  /** The values of the cluster become these, and the sidecar is given what follows from them. */
  | { readonly kind: 'values'; readonly values: JsonObject }
  | { readonly kind: 'send'; readonly requests: readonly MeshRequest[] }
  /** Nothing listens any more where a host of the stage was. */
  | { readonly kind: 'stop'; readonly host: string };

export interface MeshInput {
  readonly envoy: string;
  /** Text of the diversion, for the origins. */
  readonly diversion: string;
  readonly steps: readonly Step[];
}

/** Built or fetched beforehand: where they run there is no network. */
const TOOLS = ['etcd', 'kube-apiserver', 'kubectl', 'pilot-discovery', 'istio-crds'];

const PROGRAM = new URL('inside/mesh-program.ts', import.meta.url).pathname;

/** Long enough to build the tools, the first time. */
export const MESH_TIMEOUT_MS = 1_200_000;

/** Builds or fetches what a stage of the mesh runs. */
export async function findMeshTools(): Promise<void> {
  for (const tool of TOOLS) await findTool(tool);
}

/**
 * Takes a sidecar of a real Istio mesh through the steps, in a network of its own; gives the answers of each `send`,
 * in its place, and nothing for other steps.
 */
export async function runMesh(diversion: string, steps: readonly Step[]): Promise<Answer[][]> {
  await findMeshTools();
  const input = { envoy: findEnvoy(), diversion, steps };
  return runInSandbox<MeshInput, Answer[][]>({ program: PROGRAM, input, timeoutMs: MESH_TIMEOUT_MS });
}
