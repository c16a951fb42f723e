import type { JsonObject } from '../../core/json.ts';
import { nameOf, textsAt } from '../fields.ts';
import type { Scene } from '../scene.ts';

/** Whether a VirtualService names a Gateway. */
export function isBound(scene: Scene, service: JsonObject, gateway: JsonObject): boolean {
  return boundTo(scene, service).includes(identity(scene, gateway));
}

/** The Gateways that a VirtualService names and that are none of these, as it writes them. */
export function missingGateways(
  scene: Scene,
  service: JsonObject,
  gateways: readonly JsonObject[],
): readonly string[] {
  const known = new Set(gateways.map((gateway) => identity(scene, gateway)));
  const home = namespaceOf(scene, service);
  return textsAt(service, 'spec', 'gateways').filter(
    (name) => name !== 'mesh' && !known.has(gatewayName(name, home)),
  );
}

/** The full name of a Gateway: short it is of the own namespace, and with dots the name of a Service. */
export function gatewayName(written: string, home: string): string {
  if (written.includes('/')) return written.replace(/^\.\//, `${home}/`);
  const [name = '', namespace = home] = written.split('.');
  return `${namespace}/${name}`;
}

/** The names of a Gateway's list that VirtualServices of this one's namespace may be for, without that condition. */
export function admittedHosts(
  scene: Scene,
  hosts: readonly string[],
  gateway: JsonObject,
  service: JsonObject,
): string[] {
  const home = namespaceOf(scene, gateway);
  const asking = namespaceOf(scene, service);
  return hosts.flatMap((written) => {
    const [namespace = ''] = written.includes('/') ? written.split('/', 1) : ['*'];
    const isAdmitted = namespace === '*' || (namespace === '.' ? home : namespace) === asking;
    return isAdmitted ? [withoutNamespace(written)] : [];
  });
}

/** A name of a Gateway's list without the namespace that may stand before it. */
export function withoutNamespace(written: string): string {
  return written.slice(written.indexOf('/') + 1);
}

/** Whether a name of a Gateway and one of a VirtualService have a host in common: Istio compares them by case. */
export function meets(one: string, other: string): boolean {
  return coversAsWritten(one, other) || coversAsWritten(other, one);
}

export function coversAsWritten(pattern: string, host: string): boolean {
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

function boundTo(scene: Scene, service: JsonObject): string[] {
  const home = namespaceOf(scene, service);
  return textsAt(service, 'spec', 'gateways').map((name) => gatewayName(name, home));
}

function identity(scene: Scene, gateway: JsonObject): string {
  return `${namespaceOf(scene, gateway)}/${nameOf(gateway).name}`;
}

/** Manifests may leave the namespace to the command that applies them. */
function namespaceOf({ plan }: Scene, object: JsonObject): string {
  return nameOf(object).namespace ?? plan.edges.ingress?.namespace ?? '';
}
