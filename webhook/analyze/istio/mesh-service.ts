import type { JsonObject } from '../../core/json.ts';
import { classifyAddress, type RouteDestination } from '../envoy/destination.ts';
import { objectsAt, textAt, textsAt } from '../fields.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import type { MeshNames } from './mesh-names.ts';
import { type RouteTable, routeTable } from './route-table.ts';
import { type Destination, destinationsOf } from './virtual-service.ts';

/** A VirtualService of a mesh, its routes with where each leads. */
export interface RoutedService {
  readonly scene: Scene;
  readonly routes: readonly JsonObject[];
  readonly find: RouteTable['find'];
  readonly leads: readonly (readonly Led[])[];
  readonly hosts: readonly string[];
}

/** The same among the others. */
export interface MeshService extends RoutedService {
  readonly mesh: Mesh;
}

/** What concerns all VirtualServices of a mesh together. */
export interface Mesh {
  readonly names: MeshNames;
  readonly services: readonly RoutedService[];
}

/** A destination of a route, and where it leads. */
export interface Led extends Destination {
  readonly lead: RouteDestination;
}

export function serviceOf(scene: Scene, object: JsonObject): RoutedService {
  const { routes, find } = routeTable(object);
  const leads = routes.map((route) =>
    destinationsOf(route).map((destination) => ({
      ...destination,
      lead: meshDestination(scene, destination),
    })),
  );
  return { scene, routes, find, leads, hosts: textsAt(object, 'spec', 'hosts') };
}

export function diverts({ leads }: RoutedService): boolean {
  return leads.flat().some(({ lead }) => lead.kind === 'target');
}

/** Whether its destination is a declared upstream, diverted or not. */
export function concerns({ leads }: RoutedService): boolean {
  return leads.flat().some(({ lead }) => lead.kind === 'upstream' || lead.kind === 'target');
}

/** Where a destination leads, by what the mesh's registry says of its name and port. */
export function meshDestination(scene: Scene, { host, port }: Destination): RouteDestination {
  const entry = entriesFor(scene, host)[0];
  const own = objectsAt(entry?.object, 'spec', 'ports').find(({ number }) => number === port);
  const target = Number(own?.['targetPort'] ?? own?.['number'] ?? port ?? 0);
  const address = textAt(objectsAt(entry?.object, 'spec', 'endpoints')[0], 'address') ?? host;
  return classifyAddress(scene.plan, address, target);
}

/** The ServiceEntries for a name. */
export function entriesFor(scene: Scene, host: string): ObjectSubject[] {
  return objectsOf(scene, 'ServiceEntry').filter(({ object }) =>
    textsAt(object, 'spec', 'hosts').includes(host),
  );
}
