import type { AllowedRequest, Target } from '../../core/diversion.ts';
import { formatSeconds } from '../../core/duration.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { quotePattern } from '../../core/pattern.ts';
import type { Plan } from '../../core/plan.ts';
import { runsJobs } from '../../core/role.ts';
import { RETRY_HEADERS } from '../caller-headers.ts';
import { shareRuntimeKey } from '../pod-paths.ts';
import { listField, objectField, withSnakeFields } from './fields.ts';
import type { HostMatcher } from './host-matcher.ts';
import { ownedMetadata, targetClusterName } from './names.ts';

const REFUSED_STATUS = 403;

/** Fields of which a route action may have one: each decides the authority that the upstream sees. */
const HOST_REWRITES = [
  'auto_host_rewrite',
  'host_rewrite_literal',
  'host_rewrite_header',
  'host_rewrite_path_regex',
] as const;

/** How the clusters of a route action that belong to the upstream are replaced. */
export type ClusterReplacement = (action: JsonObject) => JsonObject;

/** What a copy is made of, besides the original. */
export interface Copying {
  readonly plan: Plan;
  readonly target: Target;
  readonly replaceCluster: ClusterReplacement;
}

/**
 * The routes to place directly in front of an original one: copies of it that also match the matcher of a diverted host
 * and the share, and go to the target. All else of the original stays, save what the target's rules change.
 */
export function divertedRoutes(
  { plan, target, replaceCluster }: Copying,
  original: JsonObject,
  matcher: HostMatcher,
): JsonObject[] {
  const route = withSnakeFields(original);
  const { name: _name, ...rest } = route;
  const base = {
    name: [route['name'], targetClusterName(plan.diversion, target.role)].filter(Boolean).join(' '),
    ...rest,
    metadata: ownedMetadata(plan.diversion, objectField(route, 'metadata')),
  };
  const own = withSnakeFields(objectField(route, 'route') ?? {});
  const action = replaceCluster(targetAction(target, own, matcher));
  const jobs = runsJobs(target.role);
  const diverted = {
    ...base,
    ...(jobs
      ? { request_headers_to_remove: [...listField(route, 'request_headers_to_remove'), ...RETRY_HEADERS] }
      : {}),
    route: action,
  };
  if (!target.allow) return [{ ...diverted, match: divertedMatch(plan, route, matcher.headers) }];
  const allowed = target.allow.map((request) => ({
    ...diverted,
    match: divertedMatch(plan, route, [...matcher.headers, ...requestMatch(request)]),
  }));
  return [...allowed, refusal(target, { ...base, match: divertedMatch(plan, route, matcher.headers) })];
}

function divertedMatch(plan: Plan, route: JsonObject, headers: readonly Json[]): JsonObject {
  const match = withSnakeFields(objectField(route, 'match') ?? {});
  return {
    ...match,
    headers: [...listField(match, 'headers'), ...headers],
    runtime_fraction: {
      default_value: { numerator: plan.share, denominator: 'HUNDRED' },
      runtime_key: shareRuntimeKey(plan.diversion),
    },
  };
}

/** Matches `:path` rather than the route's own path specifier, which the original already uses. */
function requestMatch({ method, path }: AllowedRequest): Json[] {
  return [
    { name: ':method', string_match: { exact: method } },
    { name: ':path', string_match: { safe_regex: { regex: `${quotePattern(path)}(?:\\?.*)?` } } },
  ];
}

function targetAction(target: Target, original: JsonObject, { hostRewrite }: HostMatcher): JsonObject {
  const action: Record<string, Json | undefined> = { ...original };
  // A mirror would send a diverted request to production as well.
  delete action['request_mirror_policies'];
  // Both name the upstream, and say nothing of the host that a request is for.
  delete action['auto_host_rewrite'];
  delete action['host_rewrite_literal'];
  const rewriting =
    target.authority === 'preserve' ? hostRewrite : { host_rewrite_literal: target.authority };
  if (rewriting) {
    for (const rewrite of HOST_REWRITES) delete action[rewrite];
    Object.assign(action, rewriting);
  }
  return runsJobs(target.role) ? jobAction(target, action) : action;
}

/** Jobs run once and to their end: no retry, no hedging, no limit below the target's own. */
function jobAction(target: Target, original: JsonObject): JsonObject {
  const { hedge_policy: _hedge, max_grpc_timeout: _grpc, ...action } = original;
  const timeout = formatSeconds(target.timeout);
  return {
    ...action,
    timeout,
    idle_timeout: timeout,
    max_stream_duration: { max_stream_duration: '0s' },
    // Present and empty, it also overrides a policy of the virtual host.
    retry_policy: { num_retries: 0 },
  };
}

function refusal(target: Target, base: JsonObject): JsonObject {
  const { route: _route, ...rest } = base;
  const allowed = (target.allow ?? []).map(({ method, path }) => `${method} ${path}`).join(', ');
  return {
    ...rest,
    name: `${base['name']} refused`,
    direct_response: {
      status: REFUSED_STATUS,
      body: { inline_string: `refused: the target ${target.role} takes only ${allowed}\n` },
    },
  };
}
