import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { findUpstreamAt, type Plan, type PlannedUpstream } from '../../core/plan.ts';
import { field, listField, objectField } from './fields.ts';
import { protocolOf, type UpstreamProtocol } from './upstream-protocol.ts';

/** Why it cannot be said that a cluster is a declared upstream, or that it is not. */
export interface Doubt {
  readonly reason: string;
  /** Whether it is known to reach a declared upstream. */
  readonly bypass: boolean;
}

/** What the clusters of a configuration are to a diversion, by their names. */
export interface KnownClusters {
  /** Clusters that are declared upstreams. */
  readonly upstreams: ReadonlyMap<string, PlannedUpstream>;
  /** Clusters that are in part, or may be. */
  readonly doubtful: ReadonlyMap<string, Doubt>;
  /** The protocol in which each cluster is asked. */
  readonly protocols: ReadonlyMap<string, UpstreamProtocol | 'http3'>;
  /** Whether a part of the configuration names one of them, certain or doubtful, anywhere. */
  readonly isNamedIn: (node: Json | undefined) => boolean;
}

/**
 * Recognises clusters by where their endpoints are, never by name: a cluster counts when every endpoint that it has
 * belongs to an upstream with one and the same target.
 */
export function recogniseClusters(plan: Plan, clusters: readonly Json[]): KnownClusters {
  const upstreams = new Map<string, PlannedUpstream>();
  const doubtful = new Map<string, Doubt>();
  const protocols = new Map<string, UpstreamProtocol | 'http3'>();
  for (const cluster of clusters) {
    const name = field(cluster, 'name');
    if (typeof name !== 'string') continue;
    const found = judge(plan, cluster);
    if (found && 'reason' in found) doubtful.set(name, found);
    else if (found) upstreams.set(name, found);
    protocols.set(name, protocolOf(cluster));
  }
  const isNamedIn = (node: Json | undefined): boolean =>
    names(node, (name) => upstreams.has(name) || doubtful.has(name));
  for (const name of joining(clusters, isNamedIn)) doubtful.set(name, JOINS);
  return { upstreams, doubtful, protocols, isNamedIn };
}

const JOINS: Doubt = { reason: 'its cluster joins others, among them a declared upstream', bypass: true };

/** The clusters that choose from others, directly or by way of such clusters, of which one is declared. */
function joining(clusters: readonly Json[], isKnown: (node: Json | undefined) => boolean): Set<string> {
  const choosing = clusters.flatMap((cluster) => {
    const config = objectField(objectField(cluster, 'cluster_type'), 'typed_config');
    return config ? [{ name: String(field(cluster, 'name')), config }] : [];
  });
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { name, config } of choosing)
      if (isKnown(config) || names(config, (other) => other !== name && found.has(other))) found.add(name);
  }
  return found;
}

function judge(plan: Plan, cluster: Json): PlannedUpstream | Doubt | undefined {
  const upstreams = endpointsOf(cluster).flatMap((endpoint) =>
    addressesOf(endpoint).map((address) => upstreamAt(plan, address)),
  );
  const first = upstreams.find((upstream) => upstream !== undefined);
  if (!first) {
    return EDS.has(String(field(cluster, 'type')))
      ? { reason: 'the endpoints of its cluster come from a control plane (EDS)', bypass: false }
      : undefined;
  }
  const isWhole = upstreams.every((upstream) => upstream?.target.role === first.target.role);
  if (isWhole) return first;
  return { reason: `only a part of its cluster's endpoints belongs to ${first.name}`, bypass: true };
}

function endpointsOf(cluster: Json): JsonObject[] {
  const assignment = objectField(cluster, 'load_assignment');
  const localities = listField(assignment, 'endpoints');
  return localities
    .flatMap((locality) => listField(locality, 'lb_endpoints'))
    .map((endpoint) => objectField(endpoint, 'endpoint'))
    .filter((endpoint) => endpoint !== undefined);
}

/** The address of an endpoint, and those that Envoy may take in its place. */
function addressesOf(endpoint: JsonObject): (JsonObject | undefined)[] {
  const further = listField(endpoint, 'additional_addresses').map((entry) => objectField(entry, 'address'));
  return [objectField(endpoint, 'address'), ...further];
}

function upstreamAt(plan: Plan, place: JsonObject | undefined): PlannedUpstream | undefined {
  const socket = objectField(place, 'socket_address');
  const address = field(socket, 'address');
  // Protobuf JSON takes a number in quotes as well.
  const port = Number(field(socket, 'port_value'));
  if (typeof address !== 'string' || !Number.isInteger(port)) return undefined;
  return findUpstreamAt(plan, address.replace(MAPPED_IPV4, ''), port);
}

const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;
/** The name and the number of the kind. */
const EDS = new Set(['EDS', '3']);

function names(node: Json | undefined, isKnown: (name: string) => boolean): boolean {
  if (typeof node === 'string') return isKnown(node);
  if (Array.isArray(node)) return node.some((item: Json) => names(item, isKnown));
  return isObject(node) && Object.values(node).some((value) => names(value, isKnown));
}
