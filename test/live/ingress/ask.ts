import path from 'node:path';
import type { JsonObject } from '../../../webhook/core/json.ts';
import type { IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import { findTool } from '../../cluster/tool.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { diversion } from '../ask.ts';
import type {
  IngressAnswer,
  IngressInput,
  IngressRequest,
  Phase,
  PhaseAnswers,
  PhasesInput,
  RefusedInput,
  RefusedOutput,
} from './requests.ts';

const PROGRAM = path.join(import.meta.dirname, 'inside/answers.ts');
const REFUSED_PROGRAM = path.join(import.meta.dirname, 'inside/refused.ts');
const PHASES_PROGRAM = path.join(import.meta.dirname, 'inside/phases.ts');

/** Long enough to build the tools, the first time. */
export const ASK_TIMEOUT_MS = 1_200_000;

/** Built or fetched beforehand: where they run there is no network. */
const CLUSTER_TOOLS = ['etcd', 'kube-apiserver', 'kubectl'];
const ISTIO_TOOLS = ['pilot-discovery', 'istio-crds', 'gateway-api-crds'];
const TOOLS: Readonly<Record<IngressKind, readonly string[]>> = {
  istio: ISTIO_TOOLS,
  'gateway-api': ISTIO_TOOLS,
  ingress: ['contour', 'contour-crds'],
};

/** Builds or fetches what a stage of that kind runs. */
export async function findIngressTools(kind: IngressKind): Promise<void> {
  for (const tool of [...CLUSTER_TOOLS, ...TOOLS[kind]]) await findTool(tool);
}

/** Serves the objects on a real controller with a stock Envoy, in a network of its own, and makes the requests. */
export async function askIngress(
  kind: IngressKind,
  objects: readonly JsonObject[],
  requests: readonly IngressRequest[],
): Promise<IngressAnswer[]> {
  await findIngressTools(kind);
  const input = { kind, envoy: findEnvoy(), diversion, objects, requests };
  return runInSandbox<IngressInput, IngressAnswer[]>({ program: PROGRAM, input, timeoutMs: ASK_TIMEOUT_MS });
}

/** Puts an Apache httpd with the script behind the ingress, and tells which requests reach the script. */
export async function askForScript(
  kind: IngressKind,
  objects: readonly JsonObject[],
  asked: Pick<RefusedInput, 'apache' | 'asked' | 'attacks' | 'http2'>,
): Promise<RefusedOutput> {
  await findIngressTools(kind);
  const input = { kind, envoy: findEnvoy(), diversion, objects, ...asked };
  return runInSandbox<RefusedInput, RefusedOutput>({
    program: REFUSED_PROGRAM,
    input,
    timeoutMs: ASK_TIMEOUT_MS,
  });
}

/** Serves one set of objects after the other on real Istio, as an operator would turn them, and makes the requests of each. */
export async function askPhases(
  kind: 'istio' | 'gateway-api',
  text: string,
  phases: readonly Phase[],
): Promise<PhaseAnswers[]> {
  for (const tool of [...CLUSTER_TOOLS, ...ISTIO_TOOLS]) await findTool(tool);
  const input = { kind, envoy: findEnvoy(), diversion: text, phases };
  return runInSandbox<PhasesInput, PhaseAnswers[]>({
    program: PHASES_PROGRAM,
    input,
    timeoutMs: ASK_TIMEOUT_MS,
  });
}
