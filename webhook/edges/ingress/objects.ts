import type { JsonObject } from '../../core/json.ts';
import { failure, type Result, success } from '../../core/problem.ts';
import { writeYaml } from '../write.ts';
import type { IngressProblemCode } from './codes.ts';
import { gatewayApiIngress } from './gateway-api/ingress.ts';
import { overLimits } from './gateway-api/limits.ts';
import { istioIngress } from './istio/ingress.ts';
import { plainIngress } from './plain/ingress.ts';
import { ingressRouter } from './plain/router.ts';
import type { IngressKind, IngressPlan } from './settings.ts';

const ROUTER_PORT = 8080;

/** The objects of edge 0 in one kind of ingress, in a fixed order; problems where the diversion does not declare what that kind needs. */
export function ingressObjects(kind: IngressKind, plan: IngressPlan): Result<readonly JsonObject[]> {
  const { ingress } = plan.edges;
  if (!ingress) return undeclared('ingress');
  const router = () => ({ port: ROUTER_PORT, config: writeYaml(ingressRouter(plan, ingress, ROUTER_PORT)) });
  switch (kind) {
    case 'istio':
      return success(istioIngress(plan, ingress));
    case 'gateway-api':
      return ingress.gatewayApi
        ? withinLimits(gatewayApiIngress(plan, ingress, ingress.gatewayApi))
        : undeclared('ingress.gatewayApi');
    case 'ingress':
      return ingress.plain
        ? success(plainIngress(plan, ingress, ingress.plain, router()))
        : undeclared('ingress.plain');
  }
}

function withinLimits(objects: readonly JsonObject[]): Result<readonly JsonObject[]> {
  const problems = overLimits(objects);
  return problems.length > 0 ? failure(problems) : success(objects);
}

/** The problem that nothing is declared under this key of the edges. */
export function undeclared(key: string): Result<never> {
  const code: IngressProblemCode = 'ingress-undeclared';
  return failure([
    {
      code,
      path: `spec.edges.${key}`,
      value: undefined,
      message: 'is required for this kind of ingress',
      remedy: 'declare it, as docs/diversion.md has it',
    },
  ]);
}
