import type { JsonObject } from '../../core/json.ts';
import { at, nameOf, objectsAt, textsAt } from '../fields.ts';
import { NameIndex } from '../ingress/name-index.ts';
import { type IngressRequest, type IngressTable, type Served, withoutPort } from '../ingress/table.ts';
import { commonGateways } from '../production-gateways.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { admittedHosts, isBound, meets } from './binding.ts';
import { routeTable } from './route-table.ts';
import { destinationsOf, fullName } from './virtual-service.ts';

/** The Gateways and VirtualServices of a scene as an ingress gateway of Istio serves them. */
export function istioTable(scene: Scene): IngressTable | undefined {
  const gateways = commonIstioGateways(scene);
  const [first] = gateways;
  if (!first) return undefined;
  const services = objectsOf(scene, 'VirtualService');
  const doors = new NameIndex(
    gateways.flatMap((gateway) => {
      const door = doorOf(scene, gateway, services);
      return encryptedHosts(gateway.object).map((name) => [name, door] as const);
    }),
  );
  return {
    file: first.file,
    cannot: [],
    serve: (request) => {
      const door = doors.find(request.sni.toLowerCase());
      return door ? serveAt(scene, door, request) : { kind: 'closed', place: first.place };
    },
  };
}

/** Gateways of Istio, not of the Gateway API. */
export function istioGateways(scene: Scene): ObjectSubject[] {
  return objectsOf(scene, 'Gateway').filter(isOfIstio);
}

/** Of these the ones where the other environment is asked. */
export function commonIstioGateways(scene: Scene): ObjectSubject[] {
  return commonGateways(scene).filter(isOfIstio);
}

function isOfIstio({ object }: ObjectSubject): boolean {
  return objectsAt(object, 'spec', 'servers').length > 0;
}

/** The names that a Gateway ends TLS for, at any port or at one. */
export function encryptedHosts(gateway: JsonObject, port?: number): string[] {
  return objectsAt(gateway, 'spec', 'servers')
    .filter((server) => port === undefined || at(server, 'port', 'number') === port)
    .filter((server) => at(server, 'tls') !== undefined && at(server, 'tls', 'mode') !== 'PASSTHROUGH')
    .flatMap((server) => textsAt(server, 'hosts'));
}

/** A Gateway's own routes: those of the VirtualServices that name it, for the names that both have. */
interface Door {
  readonly place: string;
  readonly hosts: NameIndex<true>;
  readonly services: NameIndex<ObjectSubject>;
}

function doorOf(scene: Scene, gateway: ObjectSubject, services: readonly ObjectSubject[]): Door {
  const hosts = encryptedHosts(gateway.object);
  return {
    place: gateway.place,
    hosts: new NameIndex(hosts.map((name) => [name, true] as const)),
    services: new NameIndex(takenHosts(scene, hosts, gateway, services)),
  };
}

/** The hosts for which a Gateway goes by VirtualServices: those that both have, as Istio compares them. */
export function takenHosts(
  scene: Scene,
  hosts: readonly string[],
  gateway: ObjectSubject,
  services: readonly ObjectSubject[],
): (readonly [name: string, service: ObjectSubject])[] {
  return services
    .filter((service) => isBound(scene, service.object, gateway.object))
    .flatMap((service) => {
      const admitted = admittedHosts(scene, hosts, gateway.object, service.object);
      return textsAt(service.object, 'spec', 'hosts')
        .filter((name) => admitted.some((own) => meets(own, name)))
        .map((name) => [name, service] as const);
    });
}

function serveAt(scene: Scene, door: Door, request: IngressRequest): Served {
  const host = withoutPort(request.authority);
  const chosen = door.hosts.find(host) && door.services.find(host);
  if (!chosen) return { kind: 'refused', place: door.place };
  const { object, place } = chosen;
  const found = routeTable(object).find(request);
  if (!found) return { kind: 'refused', place };
  const where = `${place} http[${found.index}]`;
  const { namespace } = nameOf(object);
  const destinations = destinationsOf(found.route);
  if (destinations.length === 0) return { kind: 'refused', place: where };
  const own = namespace ?? scene.plan.edges.ingress?.namespace;
  return {
    kind: 'service',
    place: where,
    services: destinations.map(({ host: address, port }) => ({ address: fullName(address, own), port })),
  };
}
