import { z } from 'zod';
import type { IngressService, IngressSettings } from '../core/ingress-settings.ts';
import { text } from './formats.ts';
import { checkedHost } from './hosts.ts';

const port = z.int().min(1).max(65535);
const dnsName = text('dnsName');
const objectName = text('objectName');

const service = z.strictObject({
  name: text('serviceName'),
  port,
  hosts: z.array(dnsName).default([]),
  certificateNames: z.array(dnsName).min(1).optional(),
});

/** `spec.edges.ingress`: what the ingress of the other environment's cluster is told. */
export const ingressSettings = z.strictObject({
  namespace: text('namespace'),
  clusterDomain: dnsName.default('cluster.local'),
  tlsSecret: objectName,
  caFile: text('filePath'),
  services: z.strictObject({ web: service, debug: service.optional(), jobrunner: service.optional() }),
  istio: z
    .strictObject({ selector: z.record(text('labelKey'), z.string()), port: port.default(443) })
    .default({ selector: { istio: 'ingressgateway' }, port: 443 }),
  gatewayApi: z
    .strictObject({ className: objectName, port: port.default(443), caConfigMap: objectName.optional() })
    .optional(),
  plain: z
    .strictObject({ className: objectName, annotations: z.record(text('labelKey'), z.string()).default({}) })
    .optional(),
});

type SettingsDocument = z.output<typeof ingressSettings>;

/** Turns checked settings into the domain's own; names that are not given are the Services' own. */
export function toIngressSettings(document: SettingsDocument): IngressSettings {
  const { clusterDomain, services, gatewayApi, plain, ...rest } = document;
  const domain = `${document.namespace}.svc.${clusterDomain}`;
  return {
    ...rest,
    services: Object.fromEntries(
      Object.entries(services).flatMap(([role, declared]) =>
        declared ? [[role, toService(declared, domain)]] : [],
      ),
    ),
    ...(gatewayApi ? { gatewayApi: toGatewayApi(gatewayApi) } : {}),
    ...(plain ? { plain } : {}),
  };
}

function toService(document: z.output<typeof service>, domain: string): IngressService {
  const address = `${document.name}.${domain}`;
  const { certificateNames = [address], hosts, ...rest } = document;
  return { ...rest, address, certificateNames, hosts: hosts.map(checkedHost) };
}

function toGatewayApi(document: NonNullable<SettingsDocument['gatewayApi']>) {
  const { caConfigMap, ...rest } = document;
  return caConfigMap === undefined ? rest : { ...rest, caConfigMap };
}
