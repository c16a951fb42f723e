import { hostOf } from '../../core/host.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Plan, PlannedUpstream } from '../../core/plan.ts';
import { unfitFields } from './api-fields.ts';
import { field, hasAnyField, listField, objectField, withSnakeFields } from './fields.ts';
import { targetClusterName } from './names.ts';
import type { KnownClusters } from './recognise.ts';
import type { UpstreamProtocol } from './upstream-protocol.ts';

/** What a route chooses: nothing that is diverted, a declared upstream, or something that a copy could not do justice. */
export type RouteDestination =
  | { readonly kind: 'other' }
  /** The clusters are those of the upstream, of all that it may choose. */
  | { readonly kind: 'upstream'; readonly upstream: PlannedUpstream; readonly clusters: readonly string[] }
  | { readonly kind: 'unsupported'; readonly reason: string; readonly bypass: boolean };

/** Fields by which a route changes the path behind the back of an allow-list. */
const PATH_REWRITES = ['prefix_rewrite', 'regex_rewrite', 'path_rewrite', 'path_rewrite_policy'];

const OTHER: RouteDestination = { kind: 'other' };

/** Which upstream a route has, by the clusters that it names. */
export function classifyDestination(plan: Plan, known: KnownClusters, route: JsonObject): RouteDestination {
  const given = objectField(route, 'route');
  if (!given) return withoutAction(known, route);
  const action = withSnakeFields(given);
  const names = clusterNames(action);
  const upstreams = names.flatMap((name) => known.upstreams.get(name) ?? []);
  const [upstream] = upstreams;
  if (!upstream) return withoutUpstream(known, { names, action });
  const unfit = unfitReason(route, action);
  if (unfit !== undefined) return unsupported(unfit);
  const doubt = names.flatMap((name) => known.doubtOf(name) ?? [])[0];
  if (doubt) return unsupported(doubt.reason);
  const pinned = action['host_rewrite_literal'];
  if (typeof pinned === 'string' && !isOwnName(upstream, pinned)) return pinnedDestination(plan, pinned);
  if (typeof action['host_rewrite_header'] === 'string')
    return unsupported('it takes the authority from another header');
  if (upstreams.some(({ target }) => target.role !== upstream.target.role)) {
    return unsupported('its weighted clusters belong to upstreams with different targets');
  }
  if (upstreams.length < names.length && upstream.target.authority !== 'preserve') {
    return unsupported(
      'its weighted clusters belong to other services too, which would be sent the authority of the target',
    );
  }
  if (names.some((name) => known.protocols.get(name) === 'http3')) {
    return unsupported('its upstream is asked over HTTP/3, in which no target is asked');
  }
  if (upstream.target.allow && hasAnyField(action, PATH_REWRITES)) {
    return unsupported('it rewrites the path, and the target takes only certain paths');
  }
  if (weightedClusters(action).some((entry) => field(entry, 'host_rewrite_literal') !== undefined)) {
    return unsupported('its weighted clusters rewrite the host, each in its own way');
  }
  return { kind: 'upstream', upstream, clusters: names.filter((name) => known.upstreams.has(name)) };
}

/** A route that answers itself, or one of a kind that may send requests by ways that are not read here. */
function withoutAction(known: KnownClusters, route: JsonObject): RouteDestination {
  const unfit = isObject(route) ? unfitFields('Route', withSnakeFields(route)) : [];
  if (unfit.length === 0) return OTHER;
  return { kind: 'unsupported', reason: `it has ${said(unfit)}`, bypass: known.isNamedIn(route) };
}

interface Undeclared {
  readonly names: readonly string[];
  readonly action: JsonObject;
}

/** A route none of whose clusters is a declared upstream as a whole: one that may be in part, or in secret, is named. */
function withoutUpstream(known: KnownClusters, { names, action }: Undeclared): RouteDestination {
  const doubtful = names.flatMap((name) => known.doubtOf(name) ?? [])[0];
  if (doubtful) return { kind: 'unsupported', ...doubtful };
  if (names.length === 0) {
    const reason = 'the cluster is chosen while the request runs, not in the route';
    return { kind: 'unsupported', reason, bypass: known.isNamedIn(action) };
  }
  const mirrors = listField(action, 'request_mirror_policies').map((policy) =>
    String(field(policy, 'cluster')),
  );
  return mirrors.some((name) => known.isNamedIn(name))
    ? unsupported('it mirrors its requests to a declared upstream')
    : OTHER;
}

/** A rewrite to the upstream's own name says nothing of the host that a request is for, as `auto_host_rewrite`. */
function isOwnName({ addresses }: PlannedUpstream, pinned: string): boolean {
  const host: string | undefined = hostOf(pinned);
  return addresses.some((address) => address.toLowerCase() === host);
}

function pinnedDestination(plan: Plan, pinned: string): RouteDestination {
  const isDiverted = plan.hosts.some((host) => host === hostOf(pinned));
  return isDiverted
    ? unsupported('it gives every request a diverted host, whatever Host was')
    : {
        kind: 'unsupported',
        reason: `it gives every request the host ${pinned}, which is not diverted`,
        bypass: false,
      };
}

/** Why no copy of a route can be right, by its fields. */
function unfitReason(route: JsonObject, action: JsonObject): string | undefined {
  const weighted = objectField(action, 'weighted_clusters') ?? {};
  const unfit = [
    ...unfitFields('Route', withSnakeFields(route)),
    ...unfitFields('RouteMatch', withSnakeFields(objectField(route, 'match') ?? {})),
    ...unfitFields('RouteAction', action),
    ...unfitFields('WeightedCluster', withSnakeFields(weighted)),
    ...weightedClusters(action).flatMap((entry) =>
      isObject(entry) ? unfitFields('ClusterWeight', withSnakeFields(entry)) : [],
    ),
  ];
  return unfit.length === 0 ? undefined : `it has ${said(unfit)}`;
}

function said(fields: readonly string[]): string {
  return `${fields.join(', ')}, of which a copy could not keep the meaning`;
}

/** The protocol in which the target is asked in the place of a cluster: that of the cluster itself. */
export function targetProtocol(known: KnownClusters, cluster: string): UpstreamProtocol {
  const protocol = known.protocols.get(cluster);
  return protocol === undefined || protocol === 'http3' ? 'http1' : protocol;
}

/** The action with every cluster of a declared upstream replaced by that of its target. */
export function replaceClusters(plan: Plan, known: KnownClusters, action: JsonObject): JsonObject {
  const nameOf = (cluster: string): string => {
    const upstream = known.upstreams.get(cluster);
    return upstream
      ? targetClusterName(plan.diversion, upstream.target.role, targetProtocol(known, cluster))
      : cluster;
  };
  if (typeof action['cluster'] === 'string') return { ...action, cluster: nameOf(action['cluster']) };
  const weighted = objectField(action, 'weighted_clusters') ?? {};
  const clusters = listField(weighted, 'clusters').map((entry): Json => {
    const fields = withSnakeFields(entry as JsonObject);
    return { ...fields, name: nameOf(String(fields['name'])) };
  });
  return { ...action, weighted_clusters: { ...withSnakeFields(weighted), clusters } };
}

/** The clusters that an action may choose, as far as the configuration names them. */
function clusterNames(action: JsonObject): string[] {
  const cluster = field(action, 'cluster');
  if (typeof cluster === 'string') return [cluster];
  return weightedClusters(action)
    .map((entry) => field(entry, 'name'))
    .filter((name) => typeof name === 'string');
}

function weightedClusters(action: JsonObject): readonly Json[] {
  return listField(field(action, 'weighted_clusters'), 'clusters');
}

function unsupported(reason: string): RouteDestination {
  return { kind: 'unsupported', reason, bypass: true };
}
