import type { JsonObject } from '../../core/json.ts';
import { ingressSites } from '../../core/sites.ts';
import { at, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { covers, NameIndex } from '../ingress/name-index.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import {
  admittedHosts,
  coversAsWritten,
  isBound,
  meets,
  missingGateways,
  withoutNamespace,
} from './binding.ts';
import { claimFlaws } from './claims.ts';
import { commonIstioGateways, encryptedHosts, istioGateways } from './ingress-table.ts';

/** What Gateways and VirtualServices say that cannot be served as it is written. */
export function examineGateways(scene: Scene): Coded[] {
  const gateways = istioGateways(scene);
  const services = objectsOf(scene, 'VirtualService');
  const atGateways = services.filter(({ object }) => !isMeshOnly(object));
  const flaws = (subject: ObjectSubject, found: readonly Flawed[]): Coded[] =>
    found.map((flaw) => ({ file: subject.file, path: subject.place, ...flaw }));
  return [
    ...gateways.flatMap((gateway) => flaws(gateway, serverFlaws(scene, gateway.object))),
    ...atGateways.flatMap((service) => flaws(service, bindingFlaws(scene, service.object, gateways))),
    ...gateways.flatMap((gateway, index) =>
      flaws(gateway, twiceRegistered(gateway, gateways.slice(0, index))),
    ),
    ...claimFlaws(scene),
    ...sniFlaws(scene, commonIstioGateways(scene)),
  ];
}

function isMeshOnly(service: JsonObject): boolean {
  const gateways = textsAt(service, 'spec', 'gateways');
  return gateways.every((name) => name === 'mesh');
}

/** Names of ours must arrive encrypted, with a certificate that somebody has. */
function serverFlaws({ plan }: Scene, gateway: JsonObject): Flawed[] {
  const names = ingressSites(plan).flatMap(({ hosts }) => hosts);
  const selector = plan.edges.ingress?.istio.selector;
  const secrets = new Set(
    [plan.edges.ingress, ...plan.edges.ingressAll].flatMap((own) => own?.tlsSecret ?? []),
  );
  const servers = objectsAt(gateway, 'spec', 'servers').filter((server) =>
    textsAt(server, 'hosts').some((host) => names.some((name) => covers(host, name))),
  );
  const flawed = servers.flatMap((server): Flawed[] => {
    const protocol = textAt(server, 'port', 'protocol');
    const mode = textAt(server, 'tls', 'mode');
    if (at(server, 'tls') === undefined || protocol !== 'HTTPS')
      return [
        flaw('gateway-plain', {
          value: protocol,
          message: 'takes the names of the other environment unencrypted',
        }),
      ];
    if (mode !== 'SIMPLE')
      return [flaw('gateway-plain', { value: mode, message: 'does not end TLS as the edges expect it' })];
    const secret = textAt(server, 'tls', 'credentialName');
    if (secret === undefined) return [flaw('gateway-certificate', { message: 'names no certificate' })];
    return secrets.size === 0 || secrets.has(secret)
      ? []
      : [flaw('gateway-certificate', { value: secret, message: `names none of ${[...secrets].join(', ')}` })];
  });
  const own = at(gateway, 'spec', 'selector');
  const differs =
    selector !== undefined && servers.length > 0 && JSON.stringify(own) !== JSON.stringify(selector);
  return differs
    ? [
        ...flawed,
        flaw('gateway-selector', {
          value: own,
          message: `is for other pods than ${JSON.stringify(selector)}`,
        }),
      ]
    : flawed;
}

function bindingFlaws(scene: Scene, service: JsonObject, gateways: readonly ObjectSubject[]): Flawed[] {
  const bound = gateways.filter(({ object }) => isBound(scene, service, object));
  const missing = missingGateways(
    scene,
    service,
    gateways.map(({ object }) => object),
  );
  if (missing.length > 0) {
    return [
      flaw('gateway-missing', { value: missing, message: 'names a Gateway that these files do not hold' }),
    ];
  }
  const served = bound.flatMap(({ object }) =>
    objectsAt(object, 'spec', 'servers').flatMap((server) =>
      admittedHosts(scene, textsAt(server, 'hosts'), object, service),
    ),
  );
  const hosts = textsAt(service, 'spec', 'hosts');
  const reaches = (host: string): boolean => served.some((own) => meets(own, host));
  // A bare asterisk means whatever the Gateway has.
  const outside = hosts.filter((host) =>
    host === '*' ? served.length === 0 : !served.some((own) => coversAsWritten(own, host)),
  );
  if (outside.length === 0) return [];
  return !hosts.some(reaches)
    ? [
        flaw('hosts-disjoint', {
          value: hosts,
          message: 'has no host in common with its Gateway, which answers 404',
        }),
      ]
    : [
        flaw('host-outside-gateway', {
          value: outside,
          message: 'has hosts that its Gateway does not, so they are never served',
        }),
      ];
}

/** The gateway's pods take a name for the first Gateway that registers it; later ones are ignored. */
function twiceRegistered({ object }: ObjectSubject, earlier: readonly ObjectSubject[]): Flawed[] {
  const selector = JSON.stringify(at(object, 'spec', 'selector'));
  const ports = objectsAt(object, 'spec', 'servers').map((server) => Number(at(server, 'port', 'number')));
  return earlier
    .filter((other) => JSON.stringify(at(other.object, 'spec', 'selector')) === selector)
    .flatMap((other) => {
      const twice = ports.flatMap((port) => {
        const registered = encryptedHosts(other.object, port);
        return encryptedHosts(object, port).filter((host) => registered.includes(host));
      });
      const message = `registers a name that ${other.place} has already, and is ignored for it`;
      return twice.length === 0 ? [] : [flaw('tls-host-twice', { value: twice, message })];
    });
}

/** The names that targets are asked by must be registered exactly: a wildcard is somebody else's gateway. */
function sniFlaws({ plan }: Scene, gateways: readonly ObjectSubject[]): Coded[] {
  const names = new NameIndex(
    gateways.flatMap((gateway) =>
      encryptedHosts(gateway.object).map((name) => [name, { name, gateway }] as const),
    ),
  );
  return plan.targets.flatMap(({ role, sni }): Coded[] => {
    const chosen = names.find(sni.toLowerCase());
    const [first] = gateways;
    if (!first) return [];
    const { file, place } = chosen?.gateway ?? first;
    if (chosen && !withoutNamespace(chosen.name).includes('*')) return [];
    const [code, message] = chosen
      ? ([
          'sni-by-wildcard',
          `the SNI of the target ${role} is answered by the wildcard ${chosen.name}`,
        ] as const)
      : ([
          'sni-unserved',
          `the SNI of the target ${role} is a name of no Gateway, so the connection is closed`,
        ] as const);
    return [flaw(code, { file, path: place, value: sni, message })];
  });
}
