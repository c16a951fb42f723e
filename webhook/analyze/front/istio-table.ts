import type { UpstreamSite } from '../../core/ingress-all.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { at, nameOf, numberAt, objectsAt, textAt, textsAt } from '../fields.ts';
import { covers, type IngressRequest, mostSpecific, withoutPort } from '../ingress/table.ts';
import { encryptedHosts, isBound } from '../istio/ingress-table.ts';
import { fullName, routeFor } from '../istio/virtual-service.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { gatewaysAt } from './sites.ts';
import type { FrontServed, FrontTable, Part } from './table.ts';

const WHOLE = 100;

/** The Gateway of a production service and its VirtualServices as an ingress gateway of Istio serves them. */
export function istioFrontTable(scene: Scene, site: UpstreamSite): FrontTable | undefined {
  const gateways = gatewaysAt(scene, site).filter(
    ({ object }) => objectsAt(object, 'spec', 'servers').length > 0,
  );
  const [first] = gateways;
  if (!first) return undefined;
  const doors = gateways.map((gateway) => doorOf(scene, site, gateway));
  const names = doors.flatMap((door) => door.hosts.map((name) => ({ name, door })));
  return {
    site,
    file: first.file,
    serve: (request) => {
      const chosen = mostSpecific(names, ({ name }) => name, request.sni.toLowerCase());
      return chosen ? serveAt(chosen.door, request) : { kind: 'closed', place: first.place };
    },
  };
}

/** A Gateway with the VirtualServices that it takes, found by exact name at once. */
interface Door {
  readonly place: string;
  readonly hosts: readonly string[];
  readonly exact: ReadonlyMap<string, ObjectSubject>;
  readonly wildcards: readonly { readonly name: string; readonly service: ObjectSubject }[];
}

function doorOf(scene: Scene, { port }: UpstreamSite, gateway: ObjectSubject): Door {
  const hosts = encryptedHosts(gateway.object, port);
  const taken = objectsOf(scene, 'VirtualService')
    .filter(({ object }) => isBound(scene, object, gateway.object))
    .flatMap((service) => textsAt(service.object, 'spec', 'hosts').map((name) => ({ name, service })))
    .filter(({ name, service }) => hosts.some((own) => admits(own, name, gateway.object, service.object)));
  const plain = taken.filter(({ name }) => !name.includes('*')).reverse();
  return {
    place: gateway.place,
    hosts,
    // Of two with one name the first counts.
    exact: new Map(plain.map(({ name, service }) => [name.toLowerCase(), service])),
    wildcards: taken.filter(({ name }) => name.includes('*')),
  };
}

function serveAt({ place: door, hosts, exact, wildcards }: Door, request: IngressRequest): FrontServed {
  const host = withoutPort(request.authority);
  const chosen = exact.get(host) ?? mostSpecific(wildcards, ({ name }) => name, host)?.service;
  if (!chosen || !hosts.some((name) => covers(name, host))) return { kind: 'split', place: door, parts: [] };
  const { object, place } = chosen;
  const found = routeFor(objectsAt(object, 'spec', 'http'), request);
  if (!found) return { kind: 'split', place, parts: [] };
  return { kind: 'split', place: `${place} http[${found.index}]`, parts: partsOf(object, found.route) };
}

/** A Gateway's host takes a VirtualService's where one covers the other, and the namespaces agree. */
function admits(taken: string, name: string, gateway: JsonObject, service: JsonObject): boolean {
  const [namespace, own = taken] = taken.includes('/') ? taken.split('/', 2) : ['*', taken];
  const isHome = nameOf(gateway).namespace === nameOf(service).namespace;
  const isAdmitted =
    namespace === '*' || (namespace === '.' ? isHome : namespace === nameOf(service).namespace);
  return isAdmitted && (covers(own, name.toLowerCase()) || covers(name, own.toLowerCase()));
}

function partsOf(service: JsonObject, route: JsonObject): Part[] {
  if (at(route, 'directResponse') !== undefined || at(route, 'redirect') !== undefined) return [];
  const { namespace } = nameOf(service);
  const passed = WHOLE - percentage(at(route, 'fault', 'abort'));
  const destinations = objectsAt(route, 'route');
  const weights = destinations.map(({ weight }) => Number(weight ?? 0));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return destinations.map((entry, index) => ({
    address: fullName(textAt(entry, 'destination', 'host') ?? '', namespace),
    port: numberAt(entry, 'destination', 'port', 'number'),
    percent: passed * (sum === 0 ? 1 / destinations.length : (weights[index] ?? 0) / sum),
    authority: writtenAuthority(entry) ?? writtenAuthority(route),
  }));
}

/** Without a percentage, an abort meets nobody. */
function percentage(abort: Json | undefined): number {
  return Number(at(abort, 'percentage', 'value') ?? 0);
}

function writtenAuthority(level: JsonObject): string | undefined {
  const set = at(level, 'headers', 'request', 'set');
  return (
    textAt(set, ':authority') ??
    textAt(set, 'Host') ??
    textAt(set, 'host') ??
    textAt(level, 'rewrite', 'authority')
  );
}
