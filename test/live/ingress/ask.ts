import path from 'node:path';
import type { IngressKind } from '../../../webhook/core/ingress-settings.ts';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { diversion } from '../ask.ts';
import type { IngressAnswer, IngressInput, IngressRequest } from './requests.ts';

const PROGRAM = path.join(import.meta.dirname, 'inside/answers.ts');

/** Long enough to build the tools, the first time. */
export const ASK_TIMEOUT_MS = 1_200_000;

/** Serves the objects on a real controller with a stock Envoy, in a network of its own, and makes the requests. */
export function askIngress(
  kind: IngressKind,
  objects: readonly JsonObject[],
  requests: readonly IngressRequest[],
): Promise<IngressAnswer[]> {
  const input = { kind, envoy: findEnvoy(), diversion, objects, requests };
  return runInSandbox<IngressInput, IngressAnswer[]>({ program: PROGRAM, input, timeoutMs: ASK_TIMEOUT_MS });
}
