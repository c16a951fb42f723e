import { z } from 'zod';
import type { ProductionService } from '../core/production-service.ts';
import { text } from './formats.ts';

const service = z.strictObject({
  upstreams: z.array(z.string()).min(1),
  namespace: text('namespace'),
  service: text('serviceName'),
  port: z.int().min(1).max(65535),
  tlsSecret: text('objectName'),
  caFile: text('filePath').optional(),
  certificateNames: z.array(text('dnsName')).min(1).optional(),
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
