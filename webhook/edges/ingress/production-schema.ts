import { z } from 'zod';
import { described } from '../described.ts';
import { text } from '../formats.ts';
import type { ProductionService } from './production-service.ts';

const service = z.strictObject({
  upstreams: described(
    z.array(z.string()).min(1),
    'Names of the upstreams that this service is. All must have the same `port` and `target`.',
    ['api'],
  ),
  namespace: described(text('namespace'), 'Namespace of the Service, and of the generated objects.', 'api'),
  service: described(
    text('serviceName'),
    'Name of the Service behind the ingress. It must speak TLS.',
    'api-tls',
  ),
  port: described(z.int().min(1).max(65535), 'Port of the Service.', 4446),
  tlsSecret: described(
    text('objectName'),
    "Secret with the certificate that callers verify: in Istio's own namespace for kind `istio`, else in `namespace`.",
    'api-tls',
  ),
  caFile: described(
    text('filePath').optional(),
    "PEM file with the CAs of the Service's certificate, where the ingress proxy runs. Default: that of its first upstream.",
    '/etc/ssl/certs/ca-certificates.crt',
  ),
  certificateNames: described(
    z.array(text('dnsName')).min(1).optional(),
    'DNS names; the certificate of the Service must contain at least one of them. Default: those of its first upstream.',
    ['api.example.org'],
  ),
});

/** `spec.edges.ingressAll`: the production services that stand behind the ingress in topology `ingress-all`, by name. */
export const ingressAll = z.record(text('name'), service);

/** Turns checked settings into the domain's own, in a fixed order. */
export function toIngressAll(
  document: z.output<typeof ingressAll>,
  clusterDomain = 'cluster.local',
): ProductionService[] {
  return Object.entries(document)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { caFile, certificateNames, ...declared }]) => ({
      ...declared,
      name,
      address: `${declared.service}.${declared.namespace}.svc.${clusterDomain}`,
      ...(caFile === undefined ? {} : { caFile }),
      ...(certificateNames === undefined ? {} : { certificateNames }),
    }));
}
