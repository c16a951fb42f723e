import type { Target } from '../../core/diversion.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PlannedUpstream } from '../../core/plan.ts';
import { failure, type Result, success } from '../../core/problem.ts';
import { applyInsertions, type KeyInsertion } from '../edits.ts';
import type { KnativeProblemCode } from './codes.ts';
import { objectName } from './names.ts';
import { ENTRIES_PATH, POLICIES_PATH, RULES_PATH, SERVICES_PATH } from './places.ts';
import { divertedRoutes } from './routes.ts';
import type { KnativePlan, KnativeSettings } from './settings.ts';
import { destinationRule, egressPolicy, serviceEntry } from './target-objects.ts';

/** The edge as a diversion declares it, its references resolved. */
export interface Mesh {
  readonly settings: KnativeSettings;
  readonly upstream: PlannedUpstream;
  readonly target: Target;
}

/** What the diversion says of the mesh, or the problem that it says nothing. */
export function meshOf(plan: KnativePlan): Result<Mesh> {
  const settings = plan.edges.knative;
  const upstream = plan.upstreams.find(({ name }) => name === settings?.upstream);
  if (settings && upstream) return success({ settings, upstream, target: upstream.target });
  const code: KnativeProblemCode = 'knative-undeclared';
  return failure([
    {
      code,
      path: 'spec.edges.knative',
      value: undefined,
      message: 'is required for this edge',
      remedy: 'declare it, as docs/diversion.md has it',
    },
  ]);
}

/** The objects that are added beside today's, each under a key of its own. */
export function addedKeys(plan: KnativePlan, { settings, target }: Mesh): KeyInsertion[] {
  const { namespaces } = settings;
  const key = objectName(plan.diversion);
  const entry = { spec: serviceEntry(target, settings) };
  const rule = { spec: destinationRule(target, settings) };
  return [
    { path: ENTRIES_PATH, key, value: entry },
    { path: RULES_PATH, key, value: rule },
    ...(namespaces ? [{ path: POLICIES_PATH, key, value: egressPolicy(target, namespaces) }] : []),
  ];
}

/**
 * The values that a diversion adds, for those who merge them by hand: the routes belong in front of those that lead to
 * the upstream, which are not at hand here and are taken to be as the diversion has them.
 */
export function knativeValues(plan: KnativePlan): Result<JsonObject> {
  const mesh = meshOf(plan);
  if (!mesh.ok) return mesh;
  const { ports, virtualService } = mesh.value.settings;
  const http = ports.flatMap(({ number }) => declaredRoutes(plan, mesh.value, number));
  const path = [...SERVICES_PATH, virtualService, 'spec'];
  const routes = http.length > 0 ? [{ path, key: 'http', value: http }] : [];
  return success(applyInsertions({}, [...routes, ...addedKeys(plan, mesh.value).reverse()]));
}

function declaredRoutes(plan: KnativePlan, { settings, upstream, target }: Mesh, port: number): JsonObject[] {
  const { retries } = settings;
  const headers = upstream.xForwardedProto && {
    request: { set: { 'x-forwarded-proto': upstream.xForwardedProto } },
  };
  const route = {
    ...(headers ? { headers } : {}),
    retries: retries ? { ...retries } : { attempts: 0 },
    route: [{ destination: { host: upstream.addresses[0], port: { number: port } } }],
  };
  return divertedRoutes(plan, { route, conditions: [{ port }], target, leads: () => true });
}
