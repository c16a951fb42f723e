import { hostOf } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan, PlannedUpstream } from '../../core/plan.ts';
import { field, hasAnyField, listField, objectField, withSnakeFields } from './fields.ts';
import { targetClusterName } from './names.ts';
import type { KnownClusters } from './recognise.ts';

/** What a route chooses: nothing that is diverted, a declared upstream, or something that a copy could not do justice. */
export type Choice =
  | { readonly kind: 'other' }
  | { readonly kind: 'upstream'; readonly upstream: PlannedUpstream }
  | { readonly kind: 'blind'; readonly reason: string; readonly bypass: boolean };

/** Fields by which a route changes the path behind the back of an allow-list. */
const PATH_REWRITES = ['prefix_rewrite', 'regex_rewrite', 'path_rewrite', 'path_rewrite_policy'];

const OTHER: Choice = { kind: 'other' };

/** Which upstream a route leads to, by the clusters that it names. */
export function choiceOf(plan: Plan, known: KnownClusters, route: JsonObject): Choice {
  const action = objectField(route, 'route');
  if (!action) return OTHER;
  const names = clusterNames(action);
  if (!names) {
    const reason = 'the cluster is chosen while the request runs, not in the route';
    return { kind: 'blind', reason, bypass: false };
  }
  const upstreams = names.flatMap((name) => known.get(name) ?? []);
  const [upstream] = upstreams;
  if (!upstream) return OTHER;
  const pinned = field(action, 'host_rewrite_literal');
  if (typeof pinned === 'string') {
    if (!plan.hosts.some((host) => host === hostOf(pinned))) return OTHER;
    return blind('it gives every request a diverted host, whatever Host was');
  }
  if (field(action, 'host_rewrite_header') !== undefined) {
    return blind('it takes the authority from another header');
  }
  if (upstreams.some(({ target }) => target.role !== upstream.target.role)) {
    return blind('its weighted clusters lead to upstreams with different targets');
  }
  if (upstreams.length < names.length && upstream.target.authority !== 'preserve') {
    return blind(
      'its weighted clusters lead to other services too, which would be sent the authority of the target',
    );
  }
  if (upstream.target.allow && hasAnyField(action, PATH_REWRITES)) {
    return blind('it rewrites the path, and the target takes only certain paths');
  }
  if (weightedClusters(action).some((entry) => field(entry, 'host_rewrite_literal') !== undefined)) {
    return blind('its weighted clusters rewrite the host, each in its own way');
  }
  return { kind: 'upstream', upstream };
}

/** The action with every cluster of a declared upstream replaced by that of its target. */
export function replaceClusters(plan: Plan, known: KnownClusters, action: JsonObject): JsonObject {
  const nameOf = (cluster: string): string => {
    const upstream = known.get(cluster);
    return upstream ? targetClusterName(plan.diversion, upstream.target.role) : cluster;
  };
  if (typeof action['cluster'] === 'string') return { ...action, cluster: nameOf(action['cluster']) };
  const weighted = objectField(action, 'weighted_clusters') ?? {};
  const clusters = listField(weighted, 'clusters').map((entry): Json => {
    const fields = withSnakeFields(entry as JsonObject);
    return { ...fields, name: nameOf(String(fields['name'])) };
  });
  return { ...action, weighted_clusters: { ...withSnakeFields(weighted), clusters } };
}

/** The clusters that an action may choose; undefined when the configuration does not say. */
function clusterNames(action: JsonObject): string[] | undefined {
  const cluster = field(action, 'cluster');
  if (typeof cluster === 'string') return [cluster];
  const names = weightedClusters(action).map((entry) => String(field(entry, 'name')));
  return names.length > 0 ? names : undefined;
}

function weightedClusters(action: JsonObject): readonly Json[] {
  return listField(field(action, 'weighted_clusters'), 'clusters');
}

function blind(reason: string): Choice {
  return { kind: 'blind', reason, bypass: true };
}
