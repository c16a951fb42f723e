import type { JsonObject } from '../../core/json.ts';
import { at, nameOf, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { productionSites } from '../production-gateways.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { nameFlaws } from './certificate-names.ts';
import { istioGateways } from './ingress-table.ts';
import { fullName } from './virtual-service.ts';

/** A Service behind the ingress, and how it is verified. */
interface Backend {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly port: number;
  readonly certificateNames: readonly string[];
  readonly caFile: string;
}

/** How the ingress verifies the Services behind it, and whether they are there. */
export function examineBackends(scene: Scene): Coded[] {
  const backends = backendsOf(scene);
  const [gateway] = istioGateways(scene);
  return [
    ...(gateway ? backends.flatMap((service) => ruleFlaws(scene, service, gateway)) : []),
    ...backends.flatMap((service) => portFlaws(scene, service)),
  ];
}

/** The Services of the other environment, and those of production where the ingress is in front of them. */
function backendsOf(scene: Scene): Backend[] {
  const { targets, edges } = scene.plan;
  const { services = {}, namespace = '', caFile = '' } = edges.ingress ?? {};
  const own = targets.flatMap(({ role }) => {
    const service = services[role];
    return service ? [{ ...service, namespace, caFile }] : [];
  });
  const production = productionSites(scene).map((site) => ({
    ...site.production,
    name: site.production.service,
  }));
  return [...own, ...production];
}

function ruleFlaws(scene: Scene, service: Backend, gateway: ObjectSubject): Coded[] {
  const rules = objectsOf(scene, 'DestinationRule').filter(
    ({ object }) =>
      fullName(textAt(object, 'spec', 'host') ?? '', nameOf(object).namespace ?? service.namespace) ===
      service.address,
  );
  const [rule] = rules;
  if (!rule) {
    const message = `no DestinationRule says how ${service.address} is verified, so it is sent plain HTTP`;
    return [
      flaw('destination-rule-missing', {
        file: gateway.file,
        path: gateway.place,
        value: service.address,
        message,
      }),
    ];
  }
  return tlsFlaws(rule.object, service).map((flaw) => ({
    file: rule.file,
    path: rule.place,
    ...flaw,
  }));
}

function tlsFlaws(rule: JsonObject, { certificateNames, address, caFile: trusted }: Backend): Flawed[] {
  const tls = at(rule, 'spec', 'trafficPolicy', 'tls');
  const mode = textAt(tls, 'mode');
  if (mode !== 'SIMPLE') {
    return [
      flaw('target-plaintext', { value: mode, message: `does not speak TLS to ${address} as the pods do` }),
    ];
  }
  const names = textsAt(tls, 'subjectAltNames');
  const sni = textAt(tls, 'sni');
  const caFile = textAt(tls, 'caCertificates');
  return [
    ...(caFile === undefined
      ? [flaw('authority-file-missing', { message: 'trusts no authority, so verifies nothing' })]
      : []),
    ...(caFile !== undefined && caFile !== trusted
      ? [
          flaw('authority-file-differs', {
            value: caFile,
            message: `trusts another file than ${trusted}`,
          }),
        ]
      : []),
    ...nameFlaws(names, certificateNames),
    ...(sni !== undefined && !certificateNames.includes(sni)
      ? [
          flaw('sni-differs', {
            value: sni,
            message: `asks for another name than ${certificateNames.join(', ')}`,
          }),
        ]
      : []),
  ];
}

function portFlaws(scene: Scene, service: Backend): Coded[] {
  return objectsOf(scene, 'Service')
    .filter(({ object }) => {
      const { name, namespace = service.namespace } = nameOf(object);
      return name === service.name && namespace === service.namespace;
    })
    .filter(({ object }) => !objectsAt(object, 'spec', 'ports').some(({ port }) => port === service.port))
    .map(({ file, place, object }) =>
      flaw('service-port', {
        file,
        path: place,
        value: objectsAt(object, 'spec', 'ports').map(({ port }) => port ?? null),
        message: `has no port ${service.port}, which is the declared one`,
      }),
    );
}
