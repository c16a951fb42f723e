import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { findUpstreamAt, type Plan } from '../../core/plan.ts';
import type { Path } from '../edits.ts';
import { field, objectField, toSnake } from './fields.ts';
import type { KnownClusters } from './recognise.ts';
import { formatPath, type Unsupported } from './report.ts';
import { NAMED_FIELDS } from './sending-fields.ts';

/** What is read where clusters and routes are recognised. */
const READ_ELSEWHERE = new Set(['load_assignment', 'cluster_type', 'match', 'domains']);

/** Of a listener, where Envoy itself listens. */
const LISTENING = new Set(['address', 'additional_addresses']);

/** What is judged with each route of a virtual host. */
const ROUTE_ACTIONS = new Set(['route', 'matcher', 'request_mirror_policies', 'filter_action']);

const REASON = 'it asks a declared upstream by itself, outside of the routes, for requests of any host';

/**
 * The places outside of the routes that name a declared upstream, by its cluster or its address: loggers, tracers, token
 * and authorization services, proxies of other protocols.
 */
export function mentions(root: JsonObject, plan: Plan, known: KnownClusters): Unsupported[] {
  const found: Path[] = [];
  visit(root, []);
  return found.map((path) => ({ path: formatPath(path), reason: REASON, bypass: false }));

  function visit(node: Json | undefined, path: Path): void {
    if (isAsked(node, path)) found.push(path);
    else for (const [step, value] of childrenOf(node, path)) visit(value, [...path, step]);
  }

  function isAsked(node: Json | undefined, path: Path): boolean {
    if (typeof node === 'string') return isMention(path, node);
    return isObject(node) && isDeclared(node);
  }

  function isMention(path: Path, text: string): boolean {
    const key = path.findLast((step) => typeof step === 'string') ?? '';
    if (!NAMED_FIELDS.has(toSnake(key)) || path[0] === 'node') return false;
    return known.isNamedIn(text) || isDeclaredUri(plan, text);
  }

  function isDeclared(node: JsonObject): boolean {
    const socket = objectField(node, 'socket_address') ?? node;
    return findAt(plan, field(socket, 'address'), field(socket, 'port_value'));
  }
}

function childrenOf(node: Json | undefined, path: Path): [string | number, Json | undefined][] {
  if (Array.isArray(node)) return node.map((item: Json, index) => [index, item]);
  return isObject(node) ? Object.entries(node).filter(([key]) => !isReadElsewhere(path, key)) : [];
}

function isReadElsewhere(path: Path, key: string): boolean {
  const name = toSnake(key);
  if (READ_ELSEWHERE.has(name) || (LISTENING.has(name) && path.slice(-2).includes('listeners'))) return true;
  return ROUTE_ACTIONS.has(name) && path.some((step) => toSnake(String(step)) === 'virtual_hosts');
}

function findAt(plan: Plan, address: Json | undefined, port: Json | undefined): boolean {
  return typeof address === 'string' && findUpstreamAt(plan, address, Number(port)) !== undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** A URI, or a gRPC target such as `dns:///host:port` or `host:port`. */
function isDeclaredUri(plan: Plan, text: string): boolean {
  const bare = /^(?:[a-z]+:\/{2,3})?([^/:]+):(\d+)/i.exec(text);
  if (bare) return findAt(plan, bare[1], Number(bare[2]));
  const url = URL.parse(text);
  return url !== null && findAt(plan, url.hostname, DEFAULT_PORTS[url.protocol] ?? 0);
}
