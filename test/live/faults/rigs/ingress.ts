import path from 'node:path';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import type { ConformanceAnswer } from '../../../conformance/request.ts';
import { decode } from '../../../faults/tree.ts';
import { found } from '../../../fixtures/read.ts';
import { findEnvoy } from '../../../stage/envoy-tool.ts';
import { runInSandbox } from '../../../stage/sandbox.ts';
import { diversion, planOf } from '../../ask.ts';
import { findIngressTools } from '../../ingress/ask.ts';
import type { IngressVariants } from '../inside/ingress.ts';
import { type Rig, requestsFor, told } from './rig.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/ingress.ts');
const WITHIN_MS = 3_600_000;

/** An ingress on the control plane of Istio, which takes one set of objects after the other. */
export function ingressRig(kind: 'istio' | 'gateway-api'): Rig {
  const name = `ingress ${kind}`;
  const plan = planOf(diversion);
  const objectsOf = (text: string): JsonObject[] => decode(text) as JsonObject[];
  const requests = requestsFor(plan, { method: 'GET', path: '/wiki/X?a=b%2Fc' }, {});
  return {
    name,
    proxy: 'Istio and Envoy',
    outcomes: async ([healthy, ...variants]) => {
      await findIngressTools(kind);
      const sets = [healthy, ...variants].map((files) => objectsOf(found(files?.[name], name)));
      const input = { kind, envoy: findEnvoy(), diversion, sni: plan.hosts[0] ?? '', requests };
      const answers = await runInSandbox<IngressVariants, (ConformanceAnswer[] | null)[]>({
        program: PROGRAM,
        input: { ...input, objects: sets[0] ?? [], variants: sets },
        timeoutMs: WITHIN_MS,
      });
      return answers.map((all) => all?.map(told));
    },
  };
}
