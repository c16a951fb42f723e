import type { Json, JsonObject } from '../../core/json.ts';
import { findUpstreamAt, type Plan, type PlannedUpstream } from '../../core/plan.ts';
import { field, listField, objectField } from './fields.ts';

/** The clusters that lead to declared upstreams, by name. */
export type KnownClusters = ReadonlyMap<string, PlannedUpstream>;

/**
 * Recognises clusters by where their endpoints are, never by name: a cluster counts when every endpoint that it has
 * belongs to an upstream with one and the same target.
 */
export function recogniseClusters(plan: Plan, clusters: readonly Json[]): KnownClusters {
  const known = new Map<string, PlannedUpstream>();
  for (const cluster of clusters) {
    const name = field(cluster, 'name');
    const upstream = upstreamOf(plan, cluster);
    if (typeof name === 'string' && upstream) known.set(name, upstream);
  }
  return known;
}

function upstreamOf(plan: Plan, cluster: Json): PlannedUpstream | undefined {
  const upstreams = endpointsOf(cluster).map((endpoint) => upstreamAt(plan, endpoint));
  const [first] = upstreams;
  if (!first) return undefined;
  return upstreams.every((upstream) => upstream?.target.role === first.target.role) ? first : undefined;
}

function endpointsOf(cluster: Json): JsonObject[] {
  const assignment = objectField(cluster, 'load_assignment');
  const localities = listField(assignment, 'endpoints');
  return localities
    .flatMap((locality) => listField(locality, 'lb_endpoints'))
    .map((endpoint) => objectField(endpoint, 'endpoint'))
    .filter((endpoint) => endpoint !== undefined);
}

function upstreamAt(plan: Plan, endpoint: JsonObject): PlannedUpstream | undefined {
  const socket = objectField(objectField(endpoint, 'address'), 'socket_address');
  const address = field(socket, 'address');
  // Protobuf JSON takes a number in quotes as well.
  const port = Number(field(socket, 'port_value'));
  if (typeof address !== 'string' || !Number.isInteger(port)) return undefined;
  return findUpstreamAt(plan, address, port);
}
