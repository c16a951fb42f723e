import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Path } from '../../edges/edits.ts';
import { field, listField, objectField, withSnakeFields } from '../../edges/envoy/fields.ts';
import { formatPath } from '../../edges/envoy/report.ts';
import type { Plan } from '../../edges/plan.ts';
import type { EnvoySubject } from '../scene.ts';
import { type EnvoyCluster, readCluster } from './clusters.ts';
import { ELSEWHERE, type RouteDestination } from './destination.ts';

export interface EnvoyRoute {
  readonly place: string;
  /** Fields in snake case. */
  readonly match: JsonObject;
  /** Absent for a redirect and an answer of the proxy's own. */
  readonly action: JsonObject | undefined;
  readonly raw: JsonObject;
  /** Names of the clusters that it may choose. */
  readonly clusters: readonly string[];
  readonly destinations: readonly RouteDestination[];
}

/** A virtual host's routes in their order, and what surrounds them. */
export interface EnvoyTable {
  readonly place: string;
  readonly domains: readonly string[];
  readonly routes: readonly EnvoyRoute[];
  readonly virtualHost: JsonObject;
  readonly routeConfig: JsonObject;
  /** The connection manager, where the configuration says which. */
  readonly manager: JsonObject | undefined;
}

export interface EnvoyModel {
  readonly file: string;
  readonly tables: readonly EnvoyTable[];
  readonly clusters: readonly EnvoyCluster[];
  readonly config: JsonObject;
}

/** A configuration, read for the checks. */
export function envoyModel(plan: Plan, { file, prefix, config }: EnvoySubject): EnvoyModel {
  const resources = objectField(config, 'static_resources');
  const clusters = listField(resources, 'clusters').map((cluster, index) =>
    readCluster(plan, cluster, `${prefix}static_resources.clusters[${index}]`),
  );
  const destinations = new Map(clusters.map(({ name, destination }) => [name, destination]));
  const tables: EnvoyTable[] = [];
  const managers = new Map<string, JsonObject>();
  visit(config, [], (node) => {
    const name = field(objectField(node, 'rds'), 'route_config_name');
    if (typeof name === 'string') managers.set(name, node);
  });
  visit(config, [], (node, path, ancestors) => {
    const manager = ancestors.findLast((ancestor) => field(ancestor, 'http_filters') !== undefined);
    listField(node, 'virtual_hosts').forEach((host, index) => {
      if (!isObject(host)) return;
      const place = `${prefix}${formatPath([...path, 'virtual_hosts', index])}`;
      tables.push({
        place,
        domains: listField(host, 'domains').map(String),
        routes: listField(host, 'routes').map((route, at) =>
          readRoute(destinations, route, `${place}.routes[${at}]`),
        ),
        virtualHost: withSnakeFields(host),
        routeConfig: withSnakeFields(node),
        manager: manager ?? managers.get(String(field(node, 'name'))),
      });
    });
  });
  return { file, tables, clusters, config };
}

type Visitor = (node: JsonObject, path: Path, ancestors: readonly JsonObject[]) => void;

function visit(root: Json, path: Path, visitor: Visitor, ancestors: readonly JsonObject[] = []): void {
  if (Array.isArray(root)) {
    for (const [index, item] of root.entries()) visit(item as Json, [...path, index], visitor, ancestors);
  }
  if (!isObject(root)) return;
  visitor(root, path, ancestors);
  for (const [key, value] of Object.entries(root))
    if (value !== null && typeof value === 'object')
      visit(value, [...path, key], visitor, [...ancestors, root]);
}

function readRoute(
  destinations: ReadonlyMap<string, RouteDestination>,
  route: Json,
  place: string,
): EnvoyRoute {
  const action = objectField(route, 'route');
  const clusters = action ? clusterNames(action) : [];
  return {
    place,
    match: withSnakeFields(objectField(route, 'match') ?? {}),
    action: action && withSnakeFields(action),
    raw: isObject(route) ? withSnakeFields(route) : {},
    clusters,
    destinations: clusters.map((name) => destinations.get(name) ?? ELSEWHERE),
  };
}

function clusterNames(action: JsonObject): string[] {
  const cluster = field(action, 'cluster');
  if (typeof cluster === 'string') return [cluster];
  return listField(field(action, 'weighted_clusters'), 'clusters').map((entry) =>
    String(field(entry, 'name')),
  );
}
