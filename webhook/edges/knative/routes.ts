import type { Percent, Target } from '../../core/diversion.ts';
import type { Host } from '../../core/host.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { authorityPattern } from '../authority-pattern.ts';
import { meshHost, routeName } from './names.ts';
import type { KnativePlan } from './settings.ts';

const WHOLE = 100;

/** Fields by which a route sends copies of its requests to production. */
export const MIRRORS = ['mirror', 'mirrors', 'mirrorPercentage', 'mirrorPercent', 'mirror_percent'];

/** A route of a VirtualService, and what a diversion needs to know of it. */
export interface Original {
  readonly route: JsonObject;
  /** Its conditions, of which one must hold, without those that no diverted host can meet. */
  readonly conditions: readonly JsonObject[];
  readonly target: Target;
  /** Whether a destination of it is replaced by the target. */
  readonly leads: (destination: JsonObject) => boolean;
}

/**
 * The routes to place directly in front of an original one, by host: copies that also match the host in any of its
 * spellings, and send the share of it to the target. One for each host, since only a route can make the name canonical.
 */
export function divertedRoutes(
  plan: KnativePlan,
  original: Original,
  hosts: readonly Host[] = plan.hosts,
): JsonObject[] {
  if (plan.share === 0) return [];
  const { name, match: _, route: _destinations, ...rest } = original.route;
  const kept = Object.entries(rest).filter(([key]) => !MIRRORS.includes(key));
  return hosts.map((host) => ({
    name: routeName(plan.diversion, host, name),
    match: original.conditions.map((condition) => ({
      ...condition,
      authority: { regex: authorityPattern([host]) },
    })),
    ...Object.fromEntries(kept),
    route: destinations(original, host, plan.share),
  }));
}

/** Istio draws a destination for each request by weight. */
function destinations({ route, target, leads }: Original, host: Host, share: Percent): JsonObject[] {
  const given = (Array.isArray(route['route']) ? route['route'] : []) as readonly JsonObject[];
  return given.flatMap((entry): JsonObject[] => {
    const weight = given.length === 1 ? 1 : Number(entry['weight'] ?? 0);
    if (!leads(entry)) return [{ ...entry, weight: weight * WHOLE }];
    const diverted = toTarget(entry, target, host);
    if (share === WHOLE) return [given.length === 1 ? diverted : { ...diverted, weight: weight * WHOLE }];
    return [
      { ...diverted, weight: weight * share },
      { ...entry, weight: weight * (WHOLE - share) },
    ];
  });
}

/** The name is set where the target is chosen, so that requests outside the share keep what they were sent with. */
function toTarget(entry: JsonObject, target: Target, host: Host): JsonObject {
  const { weight: _, ...rest } = entry;
  const { destination, headers } = rest;
  const { subset: _subset, ...place } = isObject(destination) ? destination : {};
  return {
    ...rest,
    destination: { ...place, host: meshHost(target) },
    headers: withAuthority(headers, host),
  };
}

function withAuthority(headers: Json | undefined, host: Host): JsonObject {
  const given = isObject(headers) ? headers : {};
  const request = isObject(given['request']) ? given['request'] : {};
  const set = isObject(request['set']) ? request['set'] : {};
  return { ...given, request: { ...request, set: { ...set, host } } };
}
