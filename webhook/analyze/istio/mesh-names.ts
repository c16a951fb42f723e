import type { JsonObject } from '../../core/json.ts';
import { objectsAt, textsAt } from '../fields.ts';
import { covers } from '../ingress/name-index.ts';
import { objectsOf, type Scene } from '../scene.ts';

/** Which names the objects of a mesh have, without those that only a wildcard of theirs covers. */
export interface MeshNames {
  /** Names of VirtualServices. */
  readonly services: ReadonlySet<string>;
  /** Names of ServiceEntries, with their ports. */
  readonly ports: ReadonlyMap<string, ReadonlySet<number>>;
}

/** A VirtualService of the sidecars, and not of an ingress gateway alone. */
export function isOfMesh(service: JsonObject): boolean {
  const gateways = textsAt(service, 'spec', 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}

export function namesOfMesh(scene: Scene): MeshNames {
  const services = objectsOf(scene, 'VirtualService').filter(({ object }) => isOfMesh(object));
  const entries = objectsOf(scene, 'ServiceEntry').flatMap(({ object }) =>
    textsAt(object, 'spec', 'hosts').map((host) => ({ host, ports: portsOf(object) })),
  );
  const byName = Map.groupBy(entries, ({ host }) => host);
  return {
    services: new Set(services.flatMap(({ object }) => textsAt(object, 'spec', 'hosts'))),
    ports: new Map([...byName].map(([host, own]) => [host, new Set(own.flatMap(({ ports }) => ports))])),
  };
}

/** Whether a host has a VirtualService of its own that counts on that port (on any, if none is given), not a wildcard's. */
export function isServedByName({ services, ports }: MeshNames, host: string, port?: number): boolean {
  const own = ports.get(host);
  return own !== undefined && services.has(host) && (port === undefined || own.has(port));
}

/** Whether the registry has a host by name on all ports on which it has a wildcard for it. */
export function isKnownByName({ ports }: MeshNames, host: string): boolean {
  const own = ports.get(host);
  const wide = [...ports].filter(([name]) => name.includes('*') && covers(name, host));
  return own !== undefined && wide.every(([, those]) => [...those].every((port) => own.has(port)));
}

function portsOf(entry: JsonObject): number[] {
  return objectsAt(entry, 'spec', 'ports').map(({ number }) => Number(number));
}
