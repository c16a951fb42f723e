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
  /** Why it is not known what a cluster of that name is. */
  readonly doubtOf: (name: string) => Doubt | undefined;
  /** The protocol in which each cluster is asked. */
  readonly protocols: ReadonlyMap<string, UpstreamProtocol | 'http3'>;
  /** Whether a part of the configuration names one of them, certain or doubtful, anywhere. */
  readonly isNamedIn: (node: Json | undefined) => boolean;
}

/**
 * Recognises clusters by where their endpoints are, never by name: a cluster counts when every endpoint that it has
 * belongs to an upstream with one and the same target.
 */
export function recogniseClusters(plan: Plan, clusters: readonly Json[], hasRemote = false): KnownClusters {
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
  const doubtOf = (name: string): Doubt | undefined =>
    doubtful.get(name) ?? (hasRemote && !protocols.has(name) ? REMOTE : undefined);
  return { upstreams, doubtful, doubtOf, protocols, isNamedIn };
}

const REMOTE: Doubt = {
  reason: 'its cluster comes from a control plane (CDS) and is not part of this configuration',
  bypass: false,
};

/** Fields by which clusters are added while Envoy runs. */
const CLUSTER_SOURCES = ['cds_config', 'odcds', 'odcds_config'];

/** Whether clusters may come from a control plane, at the start or when a request first names them. */
export function hasRemoteClusters(node: Json | undefined): boolean {
  if (Array.isArray(node)) return node.some(hasRemoteClusters);
  if (!isObject(node)) return false;
  return (
    CLUSTER_SOURCES.some((name) => field(node, name) !== undefined) ||
    Object.values(node).some(hasRemoteClusters)
  );
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
  if (!first) return elsewhere(cluster);
  const isWhole = upstreams.every((upstream) => upstream?.target.role === first.target.role);
  if (isWhole) return first;
  return { reason: `only a part of its cluster's endpoints belongs to ${first.name}`, bypass: true };
}

function endpointsOf(cluster: Json): JsonObject[] {
  const assignment = objectField(cluster, 'load_assignment');
  const localities = listField(assignment, 'endpoints');
  const inLocalities = localities
    .flatMap((locality) => [locality, objectField(locality, 'load_balancer_endpoints') ?? {}])
    .flatMap((locality) => listField(locality, 'lb_endpoints'))
    .map((endpoint) => objectField(endpoint, 'endpoint'));
  const named = Object.values(objectField(assignment, 'named_endpoints') ?? {});
  return [...inLocalities, ...named].filter(isObject);
}

/** Why the endpoints of a cluster are not in the configuration. */
function elsewhere(cluster: Json): Doubt | undefined {
  const type = String(field(cluster, 'type'));
  const localities = listField(objectField(cluster, 'load_assignment'), 'endpoints');
  const custom = objectField(cluster, 'cluster_type');
  if (EDS.has(type)) return unread('the endpoints of its cluster come from a control plane (EDS)');
  if (localities.some((locality) => field(locality, 'leds_cluster_locality_config') !== undefined))
    return unread('the endpoints of its cluster come from a control plane (LEDS)');
  if (ORIGINAL_DST.has(type))
    return unread('its cluster takes the address from the connection or from a header (ORIGINAL_DST)');
  if (!custom || isReadKind(custom)) return undefined;
  return unread(`its cluster finds its endpoints by itself (${field(custom, 'name')})`);
}

function unread(reason: string): Doubt {
  return { reason, bypass: false };
}

/** Kinds whose endpoints, or whose other clusters, are written in the configuration. */
function isReadKind(custom: JsonObject): boolean {
  const config = objectField(custom, 'typed_config');
  if (field(config, 'clusters') !== undefined) return true;
  const kind = String(field(config, 'type_url') ?? config?.['@type'] ?? field(custom, 'name'));
  return /(?:\.DnsCluster|[./](?:static|strict_dns|logical_dns))$/.test(kind);
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
const ORIGINAL_DST = new Set(['ORIGINAL_DST', '4']);

function names(node: Json | undefined, isKnown: (name: string) => boolean): boolean {
  if (typeof node === 'string') return isKnown(node) || calledIn(node).some(isKnown);
  if (Array.isArray(node)) return node.some((item: Json) => names(item, isKnown));
  return isObject(node) && Object.values(node).some((value) => names(value, isKnown));
}

/** The texts of a script that makes calls, among them the names of the clusters that it calls. */
function calledIn(text: string): string[] {
  return text.includes('httpCall') ? text.split(/["'[\]]/) : [];
}
