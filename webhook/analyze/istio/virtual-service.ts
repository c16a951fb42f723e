import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { at, objectsAt, textAt } from '../fields.ts';
import { stringMatch } from './string-match.ts';

/** A request as the routes of a VirtualService see it. */
export interface MeshRequest {
  readonly authority: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent at an ingress gateway. */
  readonly port?: number;
}

/** A plain request for that authority. */
export function requestFor(authority: string, port: number | undefined): MeshRequest {
  return {
    authority,
    method: 'GET',
    path: '/w/api.php',
    headers: {},
    ...(port === undefined ? {} : { port }),
  };
}

/** Whether all that one condition asks for is there. */
export function conditionHolds(condition: Json, request: MeshRequest): boolean {
  const { authority, method, path, headers, port } = request;
  const [plain = ''] = path.split('?', 1);
  const wanted = at(condition, 'port');
  return (
    stringMatch(at(condition, 'uri'), plain, at(condition, 'ignoreUriCase') === true) &&
    stringMatch(at(condition, 'method'), method) &&
    stringMatch(at(condition, 'authority'), authority) &&
    (wanted === undefined || port === undefined || wanted === port) &&
    headersHold(at(condition, 'headers'), headers) &&
    !headersForbid(at(condition, 'withoutHeaders'), headers)
  );
}

function headersHold(matchers: Json | undefined, headers: MeshRequest['headers']): boolean {
  if (!isObject(matchers)) return true;
  return Object.entries(matchers).every(([name, matcher]) => {
    const value = headers[name.toLowerCase()];
    return value !== undefined && stringMatch(matcher, value);
  });
}

function headersForbid(matchers: Json | undefined, headers: MeshRequest['headers']): boolean {
  if (!isObject(matchers)) return false;
  return Object.entries(matchers).some(([name, matcher]) => {
    const value = headers[name.toLowerCase()];
    return value !== undefined && stringMatch(matcher, value);
  });
}

export interface Destination {
  readonly host: string;
  readonly port: number | undefined;
  readonly entry: JsonObject;
}

/** Where a route leads; those that are never chosen are left out. */
export function destinationsOf(route: JsonObject): Destination[] {
  const entries = objectsAt(route, 'route');
  return entries
    .filter((entry) => entries.length === 1 || Number(entry['weight'] ?? 0) > 0)
    .map((entry) => ({
      host: textAt(entry, 'destination', 'host') ?? '',
      port: portOf(entry),
      entry,
    }));
}

function portOf(entry: JsonObject): number | undefined {
  const port = at(entry, 'destination', 'port', 'number');
  return port === undefined ? undefined : Number(port);
}

/** The ports that a route is for; one that is not named is any. */
export function portsOf(route: JsonObject): (number | undefined)[] {
  const ports = objectsAt(route, 'match').map(({ port }) => (port === undefined ? undefined : Number(port)));
  return ports.length > 0 ? [...new Set(ports)] : [undefined];
}

/** A name inside the cluster, in full. */
export function fullName(host: string, namespace: string | undefined): string {
  const parts = host.toLowerCase().split('.');
  if (parts.length === 1 && namespace !== undefined)
    return `${host}.${namespace}.svc.cluster.local`.toLowerCase();
  if (parts.length === 3 && parts[2] === 'svc') return `${host}.cluster.local`.toLowerCase();
  return host.toLowerCase();
}
