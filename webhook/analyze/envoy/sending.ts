import type { Target } from '../../core/diversion.ts';
import { hostOf } from '../../core/host.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { runsJobs } from '../../core/role.ts';
import { RETRY_HEADERS } from '../../edges/caller-headers.ts';
import { field, listField, objectField } from '../../edges/envoy/fields.ts';
import type { Plan } from '../../edges/plan.ts';
import { shareRuntimeKey } from '../../edges/pod-paths.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { jobFlaws } from './jobs.ts';
import type { EnvoyModel, EnvoyRoute, EnvoyTable } from './model.ts';

/** How the routes to the other environment send what they take, and how those to production treat jobs. */
export function examineSending(plan: Plan, { file, tables, clusters }: EnvoyModel): Coded[] {
  const canonical = new Set(clusters.filter((cluster) => cluster.rewritesAuthority).map(({ name }) => name));
  return tables.flatMap((table) =>
    table.routes.flatMap((route) =>
      flawsOf(plan, table, route, canonical).map((flaw) => ({ file, path: route.place, ...flaw })),
    ),
  );
}

function flawsOf(plan: Plan, table: EnvoyTable, route: EnvoyRoute, canonical: ReadonlySet<string>): Flawed[] {
  const { action, destinations, clusters } = route;
  if (!action) return [];
  const target = destinations.flatMap((destination) =>
    destination.kind === 'target' ? [targetOf(destination.targets, clusters)] : [],
  )[0];
  if (!target) return productionFlaws(table, route);
  const mixed = destinations.some(({ kind }) => kind === 'upstream');
  return [
    ...(mixed
      ? [flaw('production-fallback', { value: clusters.join(', '), message: 'routes to production too' })]
      : []),
    ...shareFlaws(plan, route),
    ...mirrorFlaws(table, action),
    ...authorityFlaws(
      plan,
      target,
      action,
      clusters.every((name) => canonical.has(name)),
    ),
    ...(runsJobs(target.role)
      ? [...jobFlaws(table, route, target.timeout), ...callerFlaws(table, route)]
      : []),
  ];
}

/** Targets that differ in nothing else are told apart by the role at the end of the cluster's name. */
function targetOf(targets: readonly Target[], clusters: readonly string[]): Target | undefined {
  return targets.find(({ role }) => clusters.some((name) => name.endsWith(role))) ?? targets[0];
}

function productionFlaws(table: EnvoyTable, route: EnvoyRoute): Flawed[] {
  const jobs = route.destinations.find(
    (destination) => destination.kind === 'upstream' && runsJobs(destination.upstream.target.role),
  );
  if (jobs?.kind !== 'upstream') return [];
  return jobFlaws(table, route, jobs.upstream.target.timeout).map(({ message, value }) =>
    flaw('job-cut-in-production', {
      value,
      message,
    }),
  );
}

/** Whether a route decides by the live share, and begins with the declared one. */
export function shareFlaws(plan: Plan, { match }: EnvoyRoute): Flawed[] {
  const fraction = objectField(match, 'runtime_fraction');
  const key = field(fraction, 'runtime_key');
  if (key !== shareRuntimeKey(plan.diversion)) {
    return [flaw('share-not-live', { value: key, message: 'does not follow the live share' })];
  }
  const initial = objectField(fraction, 'default_value');
  const isDeclared =
    Number(field(initial, 'numerator') ?? 0) === plan.share && field(initial, 'denominator') === 'HUNDRED';
  return isDeclared
    ? []
    : [
        flaw('share-differs', {
          value: initial,
          message: `has another share than the declared ${plan.share}`,
        }),
      ];
}

function mirrorFlaws({ virtualHost, routeConfig }: EnvoyTable, action: JsonObject): Flawed[] {
  const own = field(action, 'request_mirror_policies');
  const inherited = virtualHost['request_mirror_policies'] ?? routeConfig['request_mirror_policies'];
  const policies = (own ?? inherited ?? []) as readonly Json[];
  const runs = policies.some((policy) => {
    const fraction = objectField(objectField(policy, 'runtime_fraction'), 'default_value');
    return fraction === undefined || Number(field(fraction, 'numerator') ?? 0) > 0;
  });
  return runs
    ? [
        flaw('mirrored', {
          value: field(policies[0], 'cluster'),
          message: 'sends diverted requests to production as well',
        }),
      ]
    : [];
}

function authorityFlaws(plan: Plan, { authority }: Target, action: JsonObject, canonical: boolean): Flawed[] {
  const literal = field(action, 'host_rewrite_literal');
  if (authority !== 'preserve') {
    if (literal === authority) return [];
    const message = `does not send the authority ${authority}, and the target's gateway answers to no other`;
    return [flaw('authority-not-rewritten', { value: literal, message })];
  }
  const isOther = typeof literal === 'string' && !plan.hosts.some((host) => host === hostOf(literal));
  const value = isOther ? literal : field(action, 'auto_host_rewrite');
  if (isOther || value === true) {
    return [flaw('authority-lost', { value, message: 'sends another authority than the diverted host' })];
  }
  if (canonical) return [];
  const message = 'sends the authority as it came, with port and dot, which the gateway answers with 404';
  return [flaw('authority-not-canonical', { message })];
}

function callerFlaws({ manager, virtualHost, routeConfig }: EnvoyTable, { raw }: EnvoyRoute): Flawed[] {
  const removed = [raw, virtualHost, routeConfig].flatMap((level) =>
    listField(level, 'request_headers_to_remove'),
  );
  const mutated = listField(manager, 'early_header_mutation_extensions').flatMap((extension) =>
    listField(objectField(extension, 'typed_config'), 'mutations').map((mutation) =>
      isObject(mutation) ? mutation['remove'] : undefined,
    ),
  );
  const gone = new Set([...removed, ...mutated].map((name) => String(name).toLowerCase()));
  const left = RETRY_HEADERS.filter((name) => !gone.has(name));
  return left.length === 0
    ? []
    : [flaw('caller-retries', { value: left, message: 'lets callers ask for retries of a job' })];
}
