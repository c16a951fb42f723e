import { objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { covers } from '../ingress/name-index.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { isServedByName } from './mesh-names.ts';
import { concerns, diverts, type MeshService, type RoutedService } from './mesh-service.ts';
import { portsOf, requestFor } from './virtual-service.ts';

/** Diverted hosts that no VirtualService is for, said once, of the one that holds the routes of today. */
export function disjointFlaws(
  { plan }: Scene,
  subjects: readonly ObjectSubject[],
  services: readonly RoutedService[],
): Coded[] {
  // Values that are still to be merged have routes without the hosts that they are for.
  const known = services.filter((service) => concerns(service) && service.hosts.length > 0);
  const value = plan.hosts.filter((host) => !known.some((service) => isFor(service, host)));
  if (value.length === 0 || !known.some(diverts)) return [];
  const today =
    known.find((service) => isOfToday(service) && !isOfOneHost(service)) ??
    known.find(isOfToday) ??
    known.find(diverts);
  return subjects.flatMap(({ file, place }, index) =>
    services[index] === today
      ? [
          flaw('hosts-disjoint', {
            file,
            path: place,
            value,
            message: 'is not for hosts that are to be diverted, and no other VirtualService is',
          }),
        ]
      : [],
  );
}

/** Hosts whose own VirtualService takes their requests from this route of a wildcard's, and leads them nowhere. */
export function unroutedFlaws(
  { scene, find, hosts, mesh: { names, services } }: MeshService,
  index: number,
  upstream: string,
  port: number | undefined,
): Flawed[] {
  const unrouted = scene.plan.hosts.filter((host) => {
    const request = requestFor(host, port);
    return (
      !hosts.includes(host) &&
      hosts.some((own) => covers(own, host)) &&
      isServedByName(names, host, port) &&
      find(request)?.index === index &&
      !services.some((service) => {
        const led = service.hosts.includes(host) ? service.leads[service.find(request)?.index ?? -1] : [];
        return led?.some(({ lead }) => lead.kind !== 'other');
      })
    );
  });
  const message = `on this port the VirtualService of ${unrouted.join(', ')} leads neither to ${upstream} nor to its target`;
  return unrouted.length === 0 ? [] : [flaw('route-not-diverted', { value: port, message })];
}

const READ = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB']);

/** Diverted hosts that the registry has with a protocol without requests, so that no route takes them. */
export function unreadFlaws(scene: Scene, services: readonly RoutedService[]): Coded[] {
  const diverting = services.filter(diverts);
  return objectsOf(scene, 'ServiceEntry').flatMap(({ file, place, object }) => {
    const named = textsAt(object, 'spec', 'hosts');
    const own = scene.plan.hosts.filter((host) => named.includes(host));
    return objectsAt(object, 'spec', 'ports').flatMap((port): Coded[] => {
      const protocol = textAt(port, 'protocol');
      const number = Number(port['number']);
      const unread = own.filter((host) =>
        diverting.some((service) => isFor(service, host) && service.routes.flatMap(portsOf).includes(number)),
      );
      const message = `does not read requests to ${unread.join(', ')} on port ${number} as HTTP, so no route takes them`;
      return unread.length === 0 || READ.has(protocol?.toUpperCase() ?? '')
        ? []
        : [flaw('service-entry-opaque', { file, path: place, value: protocol ?? 'none', message })];
    });
  });
}

function isFor({ hosts }: RoutedService, host: string): boolean {
  return hosts.some((own) => covers(own, host));
}

function isOfToday({ leads }: RoutedService): boolean {
  return leads.flat().some(({ lead }) => lead.kind === 'upstream');
}

function isOfOneHost({ hosts: [first, ...others] }: RoutedService): boolean {
  return others.length === 0 && first?.includes('*') === false;
}
