import type { JsonObject } from '../../core/json.ts';
import { at, nameOf, objectsAt, textsAt } from '../fields.ts';
import { commonGateways } from '../front/sites.ts';
import {
  covers,
  type IngressRequest,
  type IngressTable,
  mostSpecific,
  type Served,
  withoutPort,
} from '../ingress/table.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { destinationsOf, fullName, routeFor } from './virtual-service.ts';

/** The Gateways and VirtualServices of a scene as an ingress gateway of Istio serves them. */
export function istioTable(scene: Scene): IngressTable | undefined {
  const gateways = commonIstioGateways(scene);
  const [first] = gateways;
  if (!first) return undefined;
  const services = objectsOf(scene, 'VirtualService');
  const names = gateways.flatMap((gateway) =>
    encryptedHosts(gateway.object).map((name) => ({ name, gateway })),
  );
  return {
    file: first.file,
    cannot: [],
    serve: (request) => {
      const chosen = mostSpecific(names, ({ name }) => name, request.sni.toLowerCase());
      if (!chosen) return { kind: 'closed', place: first.place };
      return serveAt(scene, chosen.gateway, services, request);
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

/** Each Gateway has routes of its own: those of the VirtualServices that name it, for the names that both have. */
function serveAt(
  scene: Scene,
  gateway: ObjectSubject,
  services: readonly ObjectSubject[],
  request: IngressRequest,
): Served {
  const host = withoutPort(request.authority);
  const hosts = encryptedHosts(gateway.object);
  const bound = services.filter((service) => isBound(scene, service.object, gateway.object));
  const candidates = bound.flatMap((service) =>
    textsAt(service.object, 'spec', 'hosts')
      .filter((name) =>
        hosts.some((own) => covers(own, name.toLowerCase()) || covers(name, own.toLowerCase())),
      )
      .map((name) => ({ name, service })),
  );
  const served = hosts.some((own) => covers(own, host)) ? candidates : [];
  const chosen = mostSpecific(served, ({ name }) => name, host);
  if (!chosen) return { kind: 'refused', place: gateway.place };
  const { object, place } = chosen.service;
  const routes = objectsAt(object, 'spec', 'http');
  const found = routeFor(routes, { ...request, authority: request.authority });
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

/** Whether a VirtualService names a Gateway, by its name here or by namespace and name. */
export function isBound(scene: Scene, service: JsonObject, gateway: JsonObject): boolean {
  const own = scene.plan.edges.ingress?.namespace;
  const { name, namespace = own } = nameOf(gateway);
  const { namespace: home = own } = nameOf(service);
  return textsAt(service, 'spec', 'gateways').some((bound) =>
    bound.includes('/') ? bound === `${namespace}/${name}` : bound === name && home === namespace,
  );
}
