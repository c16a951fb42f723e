import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan, PlannedUpstream } from '../../core/plan.ts';
import { applyInsertions, type Insertion, type ListInsertion, type Path } from '../edits.ts';
import { classifyDestination, replaceClusters, targetProtocol } from './destination.ts';
import { type ClusterReplacement, divertedRoutes } from './diverted-routes.ts';
import { field, listField, spelling } from './fields.ts';
import { findClusters, findRouteLists, type RouteList } from './find.ts';
import { hostMatchersOf } from './host-matchers.ts';
import { hasMirrors, withoutMirror } from './mirrors.ts';
import { otherWays } from './other-ways.ts';
import { hasRemoteClusters, type KnownClusters, recogniseClusters } from './recognise.ts';
import { type DivertReport, formatPath, type Unsupported } from './report.ts';
import { revert } from './revert.ts';
import { runtimeInsertions } from './runtime.ts';
import { hasFraction, splitsBefore } from './splits.ts';
import type { AuthoritiesFrom } from './target-authorities.ts';
import { targetClusterApart } from './target-cluster.ts';
import { UPSTREAM_PROTOCOLS } from './upstream-protocol.ts';

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
 * A configuration without a route to a declared upstream comes back as it was.
 */
export function divert(config: JsonObject, plan: Plan): Diverted {
  const original = revert(config, plan.diversion);
  const { insertions, report } = divertEdits(original, plan);
  return { config: applyInsertions(original, insertions), report };
}

/** The edits that divert a configuration which has no trace of this diversion yet. */
export function divertEdits(config: JsonObject, plan: Plan, authorities: AuthoritiesFrom = 'inline'): Edits {
  const { path, clusters } = findClusters(config);
  const known = recogniseClusters(plan, clusters, hasRemoteClusters(config));
  const lists = findRouteLists(config);
  const finish = hasMirrors(config) ? withoutMirror : (action: JsonObject): JsonObject => action;
  const replace = (action: JsonObject): JsonObject => finish(replaceClusters(plan, known, action));
  const planned = lists.flatMap((list) => planRoutes(plan, known, list, replace));
  const copies = planned.flatMap((item) => ('insertion' in item ? [item] : []));
  const unsupported = [
    ...planned.flatMap((item) => ('reason' in item ? [item] : [])),
    ...otherWays(config, plan, known),
  ];
  const single = copies.length > 0 ? singleElements(config, [path, ...copies.map(pathOf)]) : [];
  if (copies.length === 0 || single.length > 0) {
    return {
      insertions: [],
      report: { diverted: 0, clusters: [], unsupported: [...unsupported, ...single] },
    };
  }
  const diverted = new Set(copies.flatMap(({ clusters: own }) => own));
  const report = { diverted: copies.length, clusters: [...diverted], unsupported };
  return {
    insertions: [
      ...copies.map(({ insertion }) => insertion),
      {
        path,
        index: 0,
        values: targetClusters(plan, known, diverted, authorities),
      },
      ...runtimeInsertions(config, plan, longestRegex(copies)),
    ],
    report,
  };
}

/** A cluster for each target and protocol that the diverted clusters have. */
function targetClusters(
  plan: Plan,
  known: KnownClusters,
  diverted: ReadonlySet<string>,
  authorities: AuthoritiesFrom,
): JsonObject[] {
  return plan.targets.flatMap((target) => {
    const replaced = [...diverted].filter((name) => known.upstreams.get(name)?.target.role === target.role);
    const protocols = new Set(replaced.map((name) => targetProtocol(known, name)));
    return UPSTREAM_PROTOCOLS.filter((protocol) => protocols.has(protocol)).map((protocol) =>
      targetClusterApart(plan.diversion, target, { authorities, protocol }),
    );
  });
}

function pathOf({ insertion }: PlannedCopy): Path {
  return insertion.path;
}

/** Lists that are written as their only element, so that nothing can be put in front of it. */
function singleElements(config: JsonObject, paths: readonly Path[]): Unsupported[] {
  const layers = [spelling(config, 'layered_runtime'), 'layers'];
  const places = new Map([...paths, layers].map((path) => [formatPath(path), path]));
  return [...places].flatMap(([place, path]) => {
    const node = path.reduce<Json | undefined>(
      (inner, step) => (inner as Record<string, Json | undefined> | undefined)?.[step],
      config,
    );
    if (node === undefined || node === null || Array.isArray(node)) return [];
    const reason = 'it is one element where a list is expected: write it as a list of one';
    return [{ path: place, reason, bypass: true }];
  });
}

/** The length of the longest expression by which the copies match headers. */
function longestRegex(copies: readonly PlannedCopy[]): number {
  const matchers = copies.flatMap(({ insertion }) =>
    insertion.values.flatMap((route) => listField(field(route, 'match'), 'headers')),
  );
  const regexes = matchers.map((matcher) =>
    field(field(field(matcher, 'string_match'), 'safe_regex'), 'regex'),
  );
  return Math.max(...regexes.map((regex) => (typeof regex === 'string' ? regex.length : 0)));
}

const FRACTION_TAKEN = 'it already has a runtime fraction, and a route can have only one';

interface PlannedCopy {
  readonly insertion: ListInsertion;
  /** The clusters that the copies send no requests to, of those that the original does. */
  readonly clusters: readonly string[];
  readonly upstream: PlannedUpstream;
}

function planRoutes(
  plan: Plan,
  known: KnownClusters,
  list: RouteList,
  replace: ClusterReplacement,
): (PlannedCopy | Unsupported)[] {
  const { path, routes } = list;
  const classified = routes.map((route) => {
    return { route: route as JsonObject, destination: classifyDestination(plan, known, route as JsonObject) };
  });
  const splits = classified.map((_, index) => splitsBefore(classified, index));
  const covered = new Set(
    splits.flatMap((count, index) => Array.from({ length: count }, (_, back) => index - back - 1)),
  );
  return classified.flatMap(({ route, destination }, index): (PlannedCopy | Unsupported)[] => {
    const place = formatPath([...path, index]);
    if (destination.kind === 'other' || covered.has(index)) return [];
    if (destination.kind === 'unsupported')
      return [{ path: place, reason: destination.reason, bypass: destination.bypass }];
    if (hasFraction(route)) return [{ path: place, reason: FRACTION_TAKEN, bypass: true }];
    const { upstream } = destination;
    const { matchers, undiverted } = hostMatchersOf(plan, list, route);
    const copying = { plan, target: upstream.target, replaceCluster: replace };
    const values = matchers.flatMap((matcher) => divertedRoutes(copying, route, matcher));
    const insertion = { path, index: index - (splits[index] ?? 0), values };
    const unsupported = undiverted.map((found) => ({ path: place, ...found }));
    const clusters = destination.clusters;
    return values.length === 0 ? unsupported : [{ insertion, upstream, clusters }, ...unsupported];
  });
}
