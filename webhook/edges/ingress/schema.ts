import { z } from 'zod';
import { checkedHost } from '../checked-host.ts';
import { described } from '../described.ts';
import { text } from '../formats.ts';
import type { IngressService, IngressSettings } from './settings.ts';

const port = z.int().min(1).max(65535);
const dnsName = text('dnsName');
const objectName = text('objectName');

const service = z.strictObject({
  name: described(text('serviceName'), 'Name of the Service.', 'web-tls'),
  port: described(port, 'Port of the Service. It must speak TLS.', 4457),
  hosts: described(
    z.array(dnsName).default([]),
    'More hosts that its gateway serves, besides the diverted hosts and the names of the targets.',
    ['next.svc.example.org'],
  ),
  certificateNames: described(
    z.array(dnsName).min(1).optional(),
    'DNS names; the certificate of the Service must contain at least one of them. Default: the full name of the Service.',
    ['web-tls.next.svc.cluster.local'],
  ),
});

const istio = z.strictObject({
  selector: described(z.record(text('labelKey'), z.string()), "Labels of the gateway's pods.", {
    istio: 'ingressgateway',
  }),
  port: described(port.default(443), 'Port of the gateway.', 443),
});

const gatewayApi = z.strictObject({
  className: described(objectName, 'Name of the GatewayClass.', 'istio'),
  port: described(port.default(443), 'Port of the Gateway.', 443),
  caConfigMap: described(
    objectName.optional(),
    'ConfigMap with the CAs of the Services under `ca.crt`. Default: the CAs that the proxy trusts anyway.',
    'org-ca',
  ),
});

const plain = z.strictObject({
  className: described(objectName, 'Name of the IngressClass.', 'contour'),
  annotations: described(
    z.record(text('labelKey'), z.string()).default({}),
    'Annotations of the Ingress objects.',
    { 'projectcontour.io/response-timeout': '1203s' },
  ),
});

/** `spec.edges.ingress`: what the ingress of the other environment's cluster is told. */
export const ingressSettings = z.strictObject({
  namespace: described(text('namespace'), 'Namespace of the Services, and of the generated objects.', 'next'),
  clusterDomain: described(dnsName.default('cluster.local'), 'DNS domain of the cluster.', 'cluster.local'),
  tlsSecret: described(
    objectName,
    "Secret with the gateways' certificate: in Istio's own namespace for kind `istio`, else in `namespace`.",
    'next-tls',
  ),
  caFile: described(
    text('filePath'),
    "PEM file with the CAs of the Services' certificates: its path where the ingress proxy runs.",
    '/etc/ssl/certs/ca-certificates.crt',
  ),
  services: described(
    z.strictObject({
      web: described(service, 'Service of target `web`.'),
      debug: described(service.optional(), 'Service of target `debug`. Required if that target is declared.'),
      jobrunner: described(
        service.optional(),
        'Service of target `jobrunner`. Required if that target is declared.',
      ),
    }),
    'The Service behind each target.',
  ),
  istio: described(
    istio.default({ selector: { istio: 'ingressgateway' }, port: 443 }),
    'Settings of kind `istio`.',
    { selector: { istio: 'ingressgateway' } },
  ),
  gatewayApi: described(
    gatewayApi.optional(),
    'Settings of kind `gateway-api`. Default: that kind is not generated.',
    { className: 'istio' },
  ),
  plain: described(
    plain.optional(),
    'Settings of kind `ingress`. Default: that kind is not generated. Ingress objects match neither headers nor methods, so they send requests to an Envoy in a Deployment of ours, which does the rest.',
    { className: 'contour' },
  ),
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
