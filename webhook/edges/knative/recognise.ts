import { type Host, hostOf } from '../../core/host.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { findUpstreamAt, type PlannedUpstream } from '../../core/plan.ts';
import type { RoutePlace } from './places.ts';
import { MIRRORS, type Original } from './routes.ts';
import type { KnativePlan } from './settings.ts';
import type { Mesh } from './values.ts';

/** What a route of a VirtualService is to a diversion. */
export type Recognised =
  | { readonly kind: 'other' }
  | { readonly kind: 'original'; readonly original: Original }
  /** Its destination is a declared upstream, but no copy of it can express the diversion. */
  | { readonly kind: 'blind'; readonly reason: string }
  /** It can be diverted whole, but not in part. */
  | { readonly kind: 'whole' };

/** A route in the values, and what it is. */
export interface Found extends RoutePlace {
  readonly is: Recognised;
}

const OTHER: Recognised = { kind: 'other' };

/** Tells what a route is by where its destinations lead, through the ports of their ServiceEntries; never by names. */
export function recognise(
  plan: KnativePlan,
  { target, settings }: Mesh,
  route: JsonObject,
  entries: Json,
): Recognised {
  const given = listOf(route['route']);
  const upstreams = new Map(given.map((entry) => [entry, upstreamOf(plan, entry, entries)]));
  const found = [...upstreams.values()].filter((upstream) => upstream !== undefined);
  if (found.length === 0) return OTHER;
  const pinned = pinnedAuthority(route);
  if (pinned !== undefined) return isDiverted(plan, pinned) ? blind('it rewrites the authority') : OTHER;
  const foreign = found.find(({ name }) => !plan.diverts.knative.includes(name));
  if (foreign) return blind(`its upstream is ${foreign.name}, which this edge does not divert`);
  const ports = given.filter((entry) => upstreams.get(entry)).map((entry) => portOf(entry, entries));
  const unknown = ports.find((port) => !settings.ports.some(({ number }) => number === port));
  if (unknown !== undefined)
    return blind(`it leads to port ${unknown}, which spec.edges.knative.ports lacks`);
  const conditions = openConditions(plan, route);
  if (conditions === undefined) return blind('it has a condition on the authority already');
  if (conditions.length === 0) return OTHER;
  if (plan.share % 100 !== 0 && MIRRORS.some((key) => route[key] !== undefined)) return { kind: 'whole' };
  const leads = (entry: JsonObject): boolean => upstreams.get(entry) !== undefined;
  return { kind: 'original', original: { route, conditions, target, leads } };
}

/** The conditions that a diverted host could meet; undefined where that cannot be told. */
function openConditions(plan: KnativePlan, { match }: JsonObject): readonly JsonObject[] | undefined {
  const conditions = Array.isArray(match) && match.length > 0 ? listOf(match) : [{}];
  const open = conditions.filter(({ authority }) => {
    const exact = isObject(authority) ? authority['exact'] : undefined;
    return typeof exact !== 'string' || isDiverted(plan, exact);
  });
  return open.every(({ authority }) => authority === undefined) ? open : undefined;
}

function pinnedAuthority(route: JsonObject): string | undefined {
  const rewrite = isObject(route['rewrite']) ? route['rewrite']['authority'] : undefined;
  const headers = isObject(route['headers']) ? route['headers']['request'] : undefined;
  const set = isObject(headers) && isObject(headers['set']) ? headers['set'] : {};
  const [, header] = Object.entries(set).find(([name]) => /^(?:host|:authority)$/i.test(name)) ?? [];
  const pinned = rewrite ?? header;
  return typeof pinned === 'string' ? pinned : undefined;
}

function isDiverted(plan: KnativePlan, authority: string): boolean {
  return plan.hosts.includes(hostOf(authority) as Host);
}

function upstreamOf(plan: KnativePlan, entry: JsonObject, entries: Json): PlannedUpstream | undefined {
  const host = hostIn(entry);
  const port = portOf(entry, entries);
  const declared = portsOf(host, entries).find(({ number }) => number === port);
  return findUpstreamAt(plan, host, Number(declared?.['targetPort'] ?? port));
}

/** A destination without a port is for the only one that its host has. */
function portOf(entry: JsonObject, entries: Json): number | undefined {
  const destination = isObject(entry['destination']) ? entry['destination'] : {};
  const port = isObject(destination['port']) ? destination['port']['number'] : undefined;
  if (typeof port === 'number') return port;
  const [only, ...others] = portsOf(hostIn(entry), entries);
  return others.length === 0 && typeof only?.['number'] === 'number' ? only['number'] : undefined;
}

function hostIn({ destination }: JsonObject): string {
  const host = isObject(destination) ? destination['host'] : undefined;
  return typeof host === 'string' ? host : '';
}

function portsOf(host: string, entries: Json): readonly JsonObject[] {
  return Object.values(isObject(entries) ? entries : {}).flatMap((entry) => {
    const spec = isObject(entry) ? entry['spec'] : undefined;
    if (!isObject(spec) || !Array.isArray(spec['hosts'])) return [];
    return spec['hosts'].includes(host) ? listOf(spec['ports']) : [];
  });
}

function listOf(node: Json | undefined): readonly JsonObject[] {
  return Array.isArray(node) ? node.filter(isObject) : [];
}

function blind(reason: string): Recognised {
  return { kind: 'blind', reason };
}
