import { hostOf } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan, PlannedUpstream } from '../../core/plan.ts';
import { divertedRoutes } from './diverted-routes.ts';
import { applyInsertions, type Insertion } from './edits.ts';
import { field, listField, objectField, withSnakeFields } from './fields.ts';
import { findClusters, findRouteLists, type Path } from './find.ts';
import { targetClusterName } from './names.ts';
import { type KnownClusters, recogniseClusters } from './recognise.ts';
import { type Blind, type DivertReport, formatPath } from './report.ts';
import { revert } from './revert.ts';
import { runtimeInsertions } from './runtime.ts';
import { targetCluster } from './target-cluster.ts';

export interface Diverted {
  readonly config: JsonObject;
  readonly report: DivertReport;
}

/** What to insert into a configuration, and where. */
export interface Edits {
  readonly insertions: readonly Insertion[];
  readonly report: DivertReport;
}

/**
 * Adds the diversion to any Envoy v3 bootstrap. Pure; applying it twice is applying it once, and `revert` undoes it.
 * A configuration in which nothing leads to a declared upstream comes back as it was.
 */
export function divert(config: JsonObject, plan: Plan): Diverted {
  const original = revert(config, plan.diversion);
  const { insertions, report } = divertEdits(original, plan);
  return { config: applyInsertions(original, insertions), report };
}

/** The edits that divert a configuration which has no trace of this diversion yet. */
export function divertEdits(config: JsonObject, plan: Plan): Edits {
  const { path, clusters } = findClusters(config);
  const known = recogniseClusters(plan, clusters);
  const lists = findRouteLists(config);
  const planned = lists.flatMap((list) =>
    list.routes.flatMap((route, index) => planRoute(plan, known, route as JsonObject, [...list.path, index])),
  );
  const copies = planned.flatMap((item) => ('insertion' in item ? [item] : []));
  const report = {
    diverted: copies.length,
    clusters: [...known.keys()],
    blind: planned.flatMap((item) => ('reason' in item ? [item] : [])),
  };
  if (copies.length === 0) return { insertions: [], report };
  const roles = new Set(copies.map(({ upstream }) => upstream.target.role));
  const targets = plan.targets.filter((target) => roles.has(target.role));
  return {
    insertions: [
      ...copies.map(({ insertion }) => insertion),
      {
        path,
        index: 0,
        values: targets.map((target) => targetCluster(plan.diversion, target)),
      },
      ...runtimeInsertions(config, plan),
    ],
    report,
  };
}

interface PlannedCopy {
  readonly insertion: Insertion;
  readonly upstream: PlannedUpstream;
}

function planRoute(plan: Plan, known: KnownClusters, route: JsonObject, path: Path): (PlannedCopy | Blind)[] {
  const action = objectField(route, 'route');
  if (!action) return [];
  const upstreams = leadsTo(known, action);
  if (upstreams === 'unknown')
    return [blind(path, 'the cluster is chosen while the request runs, not in the route')];
  const [upstream] = upstreams;
  if (!upstream) return [];
  if (upstreams.some(({ target }) => target.role !== upstream.target.role)) {
    return [blind(path, 'its weighted clusters lead to upstreams with different targets')];
  }
  if (weightedClusters(action).some((entry) => field(entry, 'host_rewrite_literal') !== undefined)) {
    return [blind(path, 'its weighted clusters rewrite the host, each in its own way')];
  }
  if (field(field(route, 'match'), 'runtime_fraction') !== undefined) {
    return [blind(path, 'it already has a runtime fraction, and a route can have only one')];
  }
  const pinned = field(action, 'host_rewrite_literal');
  if (typeof pinned === 'string' && !plan.hosts.some((host) => host === hostOf(pinned))) return [];
  const values = divertedRoutes(plan, upstream.target, route, (copy) => replaceClusters(plan, known, copy));
  return [{ insertion: { path: path.slice(0, -1), index: Number(path.at(-1)), values }, upstream }];
}

function weightedClusters(action: JsonObject): readonly Json[] {
  return listField(field(action, 'weighted_clusters'), 'clusters');
}

/** The declared upstreams that a route action may choose. */
function leadsTo(known: KnownClusters, action: JsonObject): PlannedUpstream[] | 'unknown' {
  const cluster = field(action, 'cluster');
  if (typeof cluster === 'string') return [known.get(cluster)].filter((upstream) => upstream !== undefined);
  const weighted = weightedClusters(action);
  if (weighted.length > 0) {
    return weighted.flatMap((entry) => known.get(String(field(entry, 'name'))) ?? []);
  }
  return 'unknown';
}

function replaceClusters(plan: Plan, known: KnownClusters, action: JsonObject): JsonObject {
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

function blind(path: Path, reason: string): Blind {
  return { path: formatPath(path), reason };
}
