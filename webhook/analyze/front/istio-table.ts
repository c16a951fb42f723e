import type { UpstreamSite } from '../../core/ingress-all.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { at, nameOf, numberAt, objectsAt, textAt } from '../fields.ts';
import { NameIndex } from '../ingress/name-index.ts';
import { type IngressRequest, withoutPort } from '../ingress/table.ts';
import { encryptedHosts, takenHosts } from '../istio/ingress-table.ts';
import { routeTable } from '../istio/route-table.ts';
import { fullName } from '../istio/virtual-service.ts';
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
  const names = new NameIndex(
    gateways.flatMap((gateway) => {
      const door = doorOf(scene, site, gateway);
      return encryptedHosts(gateway.object, site.port).map((name) => [name, door] as const);
    }),
  );
  return {
    site,
    file: first.file,
    serve: (request) => {
      const door = names.find(request.sni.toLowerCase());
      return door ? serveAt(door, request) : { kind: 'closed', place: first.place };
    },
  };
}

/** A Gateway with the VirtualServices that it takes. */
interface Door {
  readonly place: string;
  readonly hosts: NameIndex<true>;
  readonly services: NameIndex<ObjectSubject>;
}

function doorOf(scene: Scene, { port }: UpstreamSite, gateway: ObjectSubject): Door {
  const hosts = encryptedHosts(gateway.object, port);
  const taken = takenHosts(scene, hosts, gateway, objectsOf(scene, 'VirtualService'));
  return {
    place: gateway.place,
    hosts: new NameIndex(hosts.map((name) => [name, true] as const)),
    services: new NameIndex(taken),
  };
}

function serveAt({ place: door, hosts, services }: Door, request: IngressRequest): FrontServed {
  const host = withoutPort(request.authority);
  const chosen = hosts.find(host) && services.find(host);
  if (!chosen) return { kind: 'split', place: door, parts: [] };
  const { object, place } = chosen;
  const found = routeTable(object).find(request);
  if (!found) return { kind: 'split', place, parts: [] };
  return { kind: 'split', place: `${place} http[${found.index}]`, parts: partsOf(object, found.route) };
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
