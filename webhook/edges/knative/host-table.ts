import type { Host } from '../../core/host.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { KeyInsertion } from '../edits.ts';
import { type Claim, claimFor, claimsOf, isWildcard } from './claims.ts';
import { isOwnRoute, tableName } from './names.ts';
import { ENTRIES_PATH, mappingAt, SERVICES_PATH } from './places.ts';
import type { Found } from './recognise.ts';
import { divertedRoutes } from './routes.ts';
import type { KnativePlan } from './settings.ts';
import type { Mesh } from './values.ts';

/** So many hosts cost no request more than chance does, as routes that are asked one after the other. */
const MAX_IN_PLACE = 10;
/** As many as the schema of a ServiceEntry takes. */
const MAX_HOSTS_OF_ENTRY = 256;

/** The hosts that get objects of their own, so that a proxy finds them by name however many there are. */
export interface HostTable {
  readonly hosts: ReadonlySet<Host>;
  readonly insertions: readonly KeyInsertion[];
}

interface Row {
  readonly host: Host;
  readonly service: Claim;
  readonly entry: Claim;
}

/**
 * For each of many hosts a VirtualService that does for it what the one with the wildcard does, and diverts. A mesh
 * takes the more specific name, on the ports of a ServiceEntry that has it too. A host that today's objects have by name
 * stays with them: of two objects with one name only one counts.
 */
export function hostTable(
  plan: KnativePlan,
  mesh: Mesh,
  values: JsonObject,
  found: readonly Found[],
): HostTable {
  if (plan.share === 0 || plan.hosts.length <= MAX_IN_PLACE) return { hosts: new Set(), insertions: [] };
  const services = claimsOf(mappingAt(values, SERVICES_PATH)).filter(({ spec }) => isOfMesh(spec));
  const entries = claimsOf(mappingAt(values, ENTRIES_PATH));
  const rows = plan.hosts.flatMap((host): Row[] => {
    const [service, entry] = [claimFor(services, host), claimFor(entries, host)];
    if (!service || !entry || !isWildcard(service.name) || !isWildcard(entry.name)) return [];
    return canStandIn(service, found) && hasPorts(entry, mesh) ? [{ host, service, entry }] : [];
  });
  return {
    hosts: new Set(rows.map(({ host }) => host)),
    insertions: [...entriesFor(plan, rows), ...rows.map((row) => serviceFor(plan, row, found))],
  };
}

function isOfMesh({ gateways }: JsonObject): boolean {
  return !Array.isArray(gateways) || gateways.length === 0 || gateways.includes('mesh');
}

/** Routes for TLS name hosts of their own, which a copy for one host would not have. */
function canStandIn({ key, spec }: Claim, found: readonly Found[]): boolean {
  const plain = spec['tls'] === undefined && spec['tcp'] === undefined;
  return plain && found.some(({ service, is }) => service === key && is.kind === 'original');
}

function hasPorts(entry: Claim, { settings }: Mesh): boolean {
  return settings.ports.every(({ number }) => portsOf(entry).includes(number));
}

function portsOf({ spec: { ports } }: Claim): (Json | undefined)[] {
  return (Array.isArray(ports) ? ports : []).map((port: Json) =>
    isObject(port) ? port['number'] : undefined,
  );
}

function entriesFor({ diversion }: KnativePlan, rows: readonly Row[]): KeyInsertion[] {
  return [...Map.groupBy(rows, ({ entry }) => entry.key)].flatMap(([key, group]) => {
    const spec = group[0]?.entry.spec ?? {};
    const hosts = group.map(({ host }) => host);
    return Array.from({ length: Math.ceil(hosts.length / MAX_HOSTS_OF_ENTRY) }, (_, index) =>
      line(ENTRIES_PATH, tableName(diversion, `${key}.${index}`), {
        ...spec,
        hosts: hosts.slice(index * MAX_HOSTS_OF_ENTRY, (index + 1) * MAX_HOSTS_OF_ENTRY),
      }),
    );
  });
}

function serviceFor(plan: KnativePlan, { host, service, entry }: Row, found: readonly Found[]): KeyInsertion {
  const ports = portsOf(entry);
  const http = found
    .filter((place) => place.service === service.key && !isOwnRoute(place.route))
    .filter(({ route }) => isForPort(route, ports))
    .flatMap(({ route, is }) => [
      ...(is.kind === 'original' ? divertedRoutes(plan, is.original, [host]) : []),
      route,
    ]);
  return line(SERVICES_PATH, tableName(plan.diversion, host), { ...service.spec, hosts: [host], http });
}

function isForPort({ match }: JsonObject, ports: readonly (Json | undefined)[]): boolean {
  if (!Array.isArray(match) || match.length === 0) return true;
  return match.some((condition: Json) => {
    const port = isObject(condition) ? condition['port'] : undefined;
    return port === undefined || ports.includes(port);
  });
}

function line(path: readonly string[], key: string, spec: JsonObject): KeyInsertion {
  return { path, key, value: { spec }, onOneLine: true };
}
