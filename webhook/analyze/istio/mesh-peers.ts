import type { Json } from '../../core/json.ts';
import { leadOf } from '../envoy/leads.ts';
import { at, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Flawed, flaw } from '../finding.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { nameFlaws } from './certificate-names.ts';
import { entriesFor } from './mesh-service.ts';

/** Whether the mesh knows the other environment at this name and port, and how it verifies it. */
export function verificationFlaws(scene: Scene, host: string, port: number | undefined): Flawed[] {
  return [...entryFlaws(scene, host, port), ...ruleFlaws(scene, host, port)];
}

function entryFlaws(scene: Scene, host: string, port: number | undefined): Flawed[] {
  const entries = entriesFor(scene, host);
  if (entries.length === 0) {
    return [
      flaw('service-entry-missing', { value: host, message: 'leads to a name that the mesh does not know' }),
    ];
  }
  const ports = entries.flatMap(({ object }) =>
    objectsAt(object, 'spec', 'ports').map(({ number }) => number ?? null),
  );
  if (!ports.includes(port ?? null)) {
    return [
      flaw('service-entry-missing', {
        value: port,
        message: `leads to a port that the ServiceEntry for ${host} does not have`,
      }),
    ];
  }
  const twice =
    entries.length > 1
      ? [
          flaw('service-entry-twice', {
            value: host,
            message: 'leads to a name that two ServiceEntries claim',
          }),
        ]
      : [];
  return [...twice, ...opaqueFlaws(entries, host, port)];
}

const RESOLVED = new Set(['DNS', 'DNS_ROUND_ROBIN', 'STATIC']);

/** Istio takes a port without a word for TCP, which has no Host; a name without resolution is asked nowhere. */
function opaqueFlaws(entries: readonly ObjectSubject[], host: string, port: number | undefined): Flawed[] {
  return entries.flatMap(({ object }): Flawed[] => {
    const resolution = textAt(object, 'spec', 'resolution');
    const own = objectsAt(object, 'spec', 'ports').find(({ number }) => number === port);
    const protocol = own && (textAt(own, 'protocol') ?? 'none');
    const code = 'service-entry-opaque';
    return [
      ...(RESOLVED.has(resolution ?? '')
        ? []
        : [flaw(code, { value: resolution, message: `does not look up the address of ${host}` })]),
      ...(protocol === undefined || protocol.toUpperCase() === 'HTTP'
        ? []
        : [flaw(code, { value: protocol, message: `does not read requests to ${host}:${port} as HTTP` })]),
    ];
  });
}

function ruleFlaws(scene: Scene, host: string, port: number | undefined): Flawed[] {
  const rule = objectsOf(scene, 'DestinationRule').find(
    ({ object }) => textAt(object, 'spec', 'host') === host,
  );
  if (!rule) {
    return [
      flaw('destination-rule-missing', {
        value: host,
        message: `no DestinationRule says how ${host} is verified, so it is sent plain HTTP`,
      }),
    ];
  }
  const policy = at(rule.object, 'spec', 'trafficPolicy');
  const own = objectsAt(policy, 'portLevelSettings').find(
    (settings) => at(settings, 'port', 'number') === port,
  );
  return tlsFlaws(scene, host, at(own, 'tls') ?? at(policy, 'tls'));
}

function tlsFlaws(scene: Scene, host: string, tls: Json | undefined): Flawed[] {
  const { plan } = scene;
  const mode = textAt(tls, 'mode');
  if (mode !== 'SIMPLE') {
    return [flaw('target-plaintext', { value: mode, message: `does not speak TLS to ${host}` })];
  }
  const sni = textAt(tls, 'sni');
  const targets = targetsAt(scene, host);
  const target = targets.find((own) => own.sni.toLowerCase() === sni?.toLowerCase()) ?? targets[0];
  const names = textsAt(tls, 'subjectAltNames');
  const caFile = textAt(tls, 'caCertificates');
  const expected =
    target?.certificateNames ?? plan.targets.flatMap(({ certificateNames }) => certificateNames);
  return [
    ...(sni === undefined
      ? [
          flaw('sni-missing', {
            message: `asks ${host} by the Host of each caller, which another gateway's wildcard may answer`,
          }),
        ]
      : []),
    ...(sni !== undefined && !targets.some((own) => own.sni.toLowerCase() === sni.toLowerCase())
      ? [flaw('sni-differs', { value: sni, message: 'asks for a name that is no target' })]
      : []),
    ...(caFile === undefined
      ? [flaw('authority-file-missing', { message: `trusts no authority of its own for ${host}` })]
      : []),
    ...nameFlaws(names, expected),
  ];
}

function targetsAt(scene: Scene, host: string) {
  const ports = entriesFor(scene, host).flatMap(({ object }) =>
    objectsAt(object, 'spec', 'ports').map((port) => Number(port['targetPort'] ?? port['number'])),
  );
  const endpoint = entriesFor(scene, host).flatMap(({ object }) => objectsAt(object, 'spec', 'endpoints'))[0];
  const address = textAt(endpoint, 'address') ?? host;
  return ports.flatMap((port) => {
    const lead = leadOf(scene.plan, address, port);
    return lead.kind === 'target' ? lead.targets : [];
  });
}
