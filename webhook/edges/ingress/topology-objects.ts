import type { JsonObject } from '../../core/json.ts';
import { failure, type Result, success } from '../../core/problem.ts';
import { type Weights, weightsOf } from '../weights.ts';
import type { IngressProblemCode } from './codes.ts';
import { gatewayApiIngressAll } from './gateway-api/ingress-all.ts';
import { overLimits } from './gateway-api/limits.ts';
import { istioIngressAll } from './istio/ingress-all.ts';
import { ingressObjects, undeclared } from './objects.ts';
import type { IngressKind, IngressPlan } from './settings.ts';
import type { Topology } from './topology.ts';

/** The objects of the ingress in one topology: in `ingress-all`, those of the upstreams behind the ones of edge 0. */
export function topologyObjects(
  topology: Topology,
  kind: IngressKind,
  plan: IngressPlan,
): Result<readonly JsonObject[]> {
  const own = ingressObjects(kind, plan);
  if (!own.ok || topology === 'pods') return own;
  const added = ingressAllObjects(kind, plan);
  return added.ok ? success([...own.value, ...added.value]) : added;
}

/** What topology `ingress-all` adds to the objects of edge 0. */
export function ingressAllObjects(
  kind: IngressKind,
  plan: IngressPlan,
  weights: Weights = weightsOf(plan.share),
): Result<readonly JsonObject[]> {
  const { ingress, ingressAll } = plan.edges;
  if (!ingress) return undeclared('ingress');
  if (ingressAll.length === 0) return undeclared('ingressAll');
  switch (kind) {
    case 'istio':
      return success(istioIngressAll(plan, ingress, weights));
    case 'gateway-api':
      return ingress.gatewayApi
        ? withinLimits(gatewayApiIngressAll(plan, ingress, ingress.gatewayApi, weights))
        : undeclared('ingress.gatewayApi');
    case 'ingress':
      return unsupported();
  }
}

function withinLimits(objects: readonly JsonObject[]): Result<readonly JsonObject[]> {
  const problems = overLimits(objects);
  return problems.length > 0 ? failure(problems) : success(objects);
}

function unsupported(): Result<never> {
  const code: IngressProblemCode = 'ingress-all-unsupported';
  return failure([
    {
      code,
      path: 'spec.edges.ingressAll',
      value: 'ingress',
      message:
        'cannot be served by plain Ingress objects, which know no port but the common one, and hosts by name only',
      remedy: 'choose kind istio or gateway-api, or topology pods',
    },
  ]);
}
