import type { JsonObject } from '../../core/json.ts';
import { nameOf, textsAt } from '../fields.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { covers } from '../ingress/name-index.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { gatewayName } from './binding.ts';
import { isKnownByName, type MeshNames, namesOfMesh } from './mesh-names.ts';

/** A VirtualService by what it is for. */
interface Claim {
  readonly subject: ObjectSubject;
  readonly gateways: readonly string[];
  readonly hosts: readonly string[];
}

/** Hosts that more than one VirtualService is for, where a proxy does not go by both. */
export function claimFlaws(scene: Scene): Coded[] {
  const names = namesOfMesh(scene);
  const claims = objectsOf(scene, 'VirtualService').map((subject) => ({
    subject,
    gateways: gatewaysOf(subject.object),
    hosts: textsAt(subject.object, 'spec', 'hosts'),
  }));
  const wide = claims.filter(({ hosts }) => hosts.some(isWildcard));
  return claims.flatMap((claim, index) => {
    const { file, place } = claim.subject;
    const twice = claims.slice(0, index).flatMap((other) => twiceFlaws(claim, other));
    const overlaps = wide.flatMap((other) => (other === claim ? [] : overlapFlaws(claim, other, names)));
    return [...twice, ...overlaps, ...innerFlaws(claim)].map((flaw) => ({ file, path: place, ...flaw }));
  });
}

function twiceFlaws({ hosts, gateways }: Claim, other: Claim): Flawed[] {
  const twice = hosts.filter((host) => other.hosts.includes(host));
  if (twice.length === 0 || !gateways.some((name) => other.gateways.includes(name))) return [];
  const message = `has hosts that ${other.subject.place} has too, and only one of the two is used`;
  return [flaw('virtual-service-twice', { value: twice, message })];
}

/** Istio takes no VirtualService one of whose hosts covers another. */
function innerFlaws(claim: Claim): Flawed[] {
  const hosts = claim.hosts.map((host) => host.toLowerCase());
  const wildcards = hosts.filter(isWildcard);
  const overlapping = hosts.filter(
    (host, index) =>
      hosts.indexOf(host) !== index || wildcards.some((other) => other !== host && covers(other, host)),
  );
  const message = 'has hosts that others of its own cover, so Istio refuses it as a whole';
  return overlapping.length === 0 ? [] : [flaw('hosts-overlap', { value: overlapping, message })];
}

/** In a mesh the narrower name wins, but only on the ports of a ServiceEntry that has it as well. */
function overlapFlaws({ hosts, gateways }: Claim, other: Claim, names: MeshNames): Flawed[] {
  if (!gateways.includes('mesh') || !other.gateways.includes('mesh')) return [];
  const within = hosts.filter(
    (host) =>
      !other.hosts.includes(host) &&
      other.hosts.some((own) => isWildcard(own) && covers(own, host)) &&
      !isKnownByName(names, host),
  );
  const message = `has hosts that are also covered by a wildcard of ${other.subject.place}, whose ports it does not have`;
  return within.length === 0 ? [] : [flaw('virtual-service-overlap', { value: within, message })];
}

function isWildcard(host: string): boolean {
  return host.includes('*');
}

function gatewaysOf(service: JsonObject): string[] {
  const { namespace = '' } = nameOf(service);
  const names = textsAt(service, 'spec', 'gateways');
  if (names.length === 0) return ['mesh'];
  return names.map((name) => (name === 'mesh' ? name : gatewayName(name, namespace)));
}
