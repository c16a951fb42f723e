import { hostOf } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PlannedUpstream } from '../../core/plan.ts';
import { isOwned } from '../../edges/envoy/names.ts';
import { longestLiteral } from '../../edges/envoy/path-literal.ts';
import type { Plan } from '../../edges/plan.ts';
import { type EnvoyRequest, headerMatchers, headerMatches, isAuthorityMatcher } from './matching.ts';
import type { EnvoyRoute, EnvoyTable } from './model.ts';

/** A route to a declared upstream, and the routes for the same requests that also ask for more. */
export interface Original {
  readonly table: EnvoyTable;
  readonly route: EnvoyRoute;
  readonly upstream: PlannedUpstream;
  /** In front of it, in their order. */
  readonly before: readonly Copy[];
  readonly behind: readonly Copy[];
}

export interface Copy {
  readonly route: EnvoyRoute;
  /** What it asks for beyond the original. */
  readonly extras: readonly JsonObject[];
}

/** The routes of a table that requests for diverted hosts would take to production, were nothing in front of them. */
export function originalsOf(plan: Plan, table: EnvoyTable): Original[] {
  return table.routes.flatMap((route) =>
    takesDivertedHosts(plan, route) ? originalAt(plan, table, route) : [],
  );
}

function originalAt({ diversion }: Plan, table: EnvoyTable, route: EnvoyRoute): Original[] {
  const upstream = upstreamOf(route);
  // A route of ours to production counts what the share leaves there; the original behind it is judged.
  if (!upstream || isOwned(route.raw, diversion)) return [];
  const index = table.routes.indexOf(route);
  const before = copiesOf(route, table.routes.slice(0, index));
  const behind = copiesOf(route, table.routes.slice(index + 1));
  return [{ table, route, upstream, before, behind }];
}

function makesAuthority({ action }: EnvoyRoute): boolean {
  return action?.['host_rewrite_path_regex'] !== undefined;
}

/** Which of these routes ask for the same as the original, and perhaps for more. */
function copiesOf(original: EnvoyRoute, routes: readonly EnvoyRoute[]): Copy[] {
  return routes.flatMap((other) => copyOf(original, other));
}

/** Whether a copy does anything to a diversion: it has a target, or answers itself. */
export function isDiverting({ route }: Copy): boolean {
  return route.action === undefined || route.destinations.some(({ kind }) => kind === 'target');
}

/** Whether a copy's own conditions take a request. */
export function copyTakes({ extras }: Copy, request: EnvoyRequest): boolean {
  return extras.every((matcher) => headerMatches(matcher, request));
}

function upstreamOf({ destinations }: EnvoyRoute): PlannedUpstream | undefined {
  return destinations.flatMap((destination) =>
    destination.kind === 'upstream' ? [destination.upstream] : [],
  )[0];
}

/** A route that pins the authority, or that is for other hosts only, is none of a diversion's business. */
function takesDivertedHosts(plan: Plan, route: EnvoyRoute): boolean {
  const { match, action } = route;
  const pinned = action?.['host_rewrite_literal'];
  if (typeof pinned === 'string' && !plan.hosts.some((host) => host === hostOf(pinned))) return false;
  if (makesAuthority(route)) return false;
  const matchers = headerMatchers(match).filter(isAuthorityMatcher);
  return plan.hosts.some((host) =>
    matchers.every((matcher) => headerMatches(matcher, { method: 'GET', authority: host, path: '/' })),
  );
}

/** The other route as a copy of this one: the same conditions, and perhaps more of them. */
function copyOf(original: EnvoyRoute, other: EnvoyRoute): Copy[] {
  if (conditionsOf(original.match) !== conditionsOf(other.match)) return [];
  const rest = headerMatchers(other.match).map((matcher) => ({ matcher, text: JSON.stringify(matcher) }));
  for (const wanted of headerMatchers(original.match)) {
    const found = rest.findIndex(({ text }) => text === JSON.stringify(wanted));
    if (found < 0) return [];
    rest.splice(found, 1);
  }
  // What every request for the original fulfils anyway is not a condition.
  const implied = new Set(longestLiteral(original.raw).map((matcher) => JSON.stringify(matcher)));
  const extras = rest.filter(({ text }) => !implied.has(text)).map(({ matcher }) => matcher);
  const isOriginal =
    other.destinations.some(({ kind }) => kind === 'upstream') && !extras.some(isAuthorityMatcher);
  return isOriginal ? [] : [{ route: other, extras }];
}

/** Everything but headers and chance. */
function conditionsOf(match: JsonObject): string {
  const { headers: _headers, runtime_fraction: _fraction, ...rest } = match;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}
