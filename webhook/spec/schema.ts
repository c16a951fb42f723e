import { z } from 'zod';
import { EDGES } from '../core/diversion.ts';
import { ROLES } from '../core/role.ts';
import { atsSettings } from './ats-settings.ts';
import { text } from './formats.ts';
import { ingressAll } from './ingress-all.ts';
import { ingressSettings } from './ingress-settings.ts';
import { knativeSettings } from './knative-settings.ts';
import { gatewaySettings } from './rest-gateway.ts';

/*
 * One source for the JSON Schema, the types and the first pass of checks. What a single value cannot show
 * (references, overlaps) is checked in rules.ts; both report in the same form.
 */

/** An app has 65,535 ports for its connections to one address. */
const MAX_POOL = 65_535;

const port = z.int().min(1).max(65535);
const retries = z.int().min(0).max(10).default(0);
const address = text('address');
const dnsName = text('dnsName');
const duration = text('duration');
const caFile = text('filePath');
const path = text('urlPath');

const target = z.strictObject({
  address,
  port,
  networks: z.array(text('cidr')).min(1).optional(),
  sni: dnsName,
  authority: z.union([z.literal('preserve'), dnsName]),
  caFile,
  certificateNames: z.array(dnsName).min(1),
  timeout: duration,
  retries,
  connectTimeout: duration.default('10s'),
  idleTimeout: duration.default('4s'),
  allow: z
    .array(z.strictObject({ method: text('method'), path }))
    .min(1)
    .optional(),
});

const upstream = z.strictObject({
  addresses: z.array(address).min(1),
  port,
  target: z.enum(ROLES),
  listenerPort: port.optional(),
  timeout: duration,
  // No caller limits the handshake alone; this is as long as preq gives a whole request.
  connectTimeout: duration.default('120s'),
  idleTimeout: duration.default('4s'),
  retries,
  xForwardedProto: z.enum(['http', 'https']).optional(),
  sni: dnsName.optional(),
  caFile,
  certificateNames: z.array(dnsName).min(1).optional(),
});

const fileNames = z.array(text('fileName')).min(1);
const callerPool = z.strictObject({ key: text('keyPath'), atLeast: z.int().min(1).max(MAX_POOL) });
const capture = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('files'), path: text('filePath'), files: fileNames }),
  z.strictObject({ kind: z.literal('env'), names: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ kind: z.literal('args') }),
  z.strictObject({ kind: z.literal('envoy'), path: text('filePath'), files: fileNames }),
]);

const workload = z.strictObject({
  namespaces: z.array(text('namespace')).min(1),
  labels: z.record(text('labelKey'), z.string()),
  container: text('containerName'),
  captures: z.array(capture).min(1),
  upstreams: z.array(z.string()).min(1),
  ownEnvoy: z
    .strictObject({ container: text('containerName'), path: text('filePath'), files: fileNames })
    .optional(),
  unlisted: z.enum(['warn', 'fail']).default('warn'),
  pool: callerPool.optional(),
});

const resources = z.strictObject({
  cpuRequest: text('quantity'),
  memoryRequest: text('quantity'),
  cpuLimit: text('quantity'),
  memoryLimit: text('quantity'),
});

const sidecar = z.strictObject({
  image: text('image'),
  configImage: text('image'),
  telemetryPort: port.default(1667),
  caBundle: z
    .strictObject({ configMap: text('objectName'), key: text('fileName').default('ca.crt') })
    .optional(),
  resources: resources.default({
    cpuRequest: '200m',
    memoryRequest: '100Mi',
    cpuLimit: '500m',
    memoryLimit: '500Mi',
  }),
  configResources: resources.default({
    cpuRequest: '100m',
    memoryRequest: '100Mi',
    cpuLimit: '500m',
    memoryLimit: '200Mi',
  }),
});

const edges = z.strictObject({
  debug: z
    .strictObject({
      header: text('headerName'),
      backends: z.array(text('debugBackend')).min(1),
    })
    .optional(),
  refusedOutside: z.array(path).default([]),
  restGateway: gatewaySettings.optional(),
  ingress: ingressSettings.optional(),
  ingressAll: ingressAll.default({}),
  ats: atsSettings.optional(),
  knative: knativeSettings.optional(),
});

export const diversionSchema = z
  .strictObject({
    apiVersion: z.literal('shunt.wikimedia.org/v1alpha1'),
    kind: z.literal('Diversion'),
    metadata: z.strictObject({ name: text('name') }),
    spec: z.strictObject({
      enabled: z.boolean().default(true),
      share: z.int().min(0).max(100).default(100),
      hosts: z.array(z.string()).min(1),
      targets: z.strictObject({
        web: target,
        debug: target.optional(),
        jobrunner: target.optional(),
      }),
      upstreams: z.record(text('name'), upstream),
      workloads: z.record(text('name'), workload).default({}),
      edges: edges.default({ refusedOutside: [], ingressAll: {} }),
      sidecar,
    }),
  })
  .describe(`One diversion of a host's traffic, followed by the edges ${EDGES.join(', ')}.`);

/** A diversion as it is written in the file, defaults filled in, references unchecked. */
export type DiversionDocument = z.output<typeof diversionSchema>;
export type TargetDocument = z.output<typeof target>;
export type UpstreamDocument = z.output<typeof upstream>;

/** The JSON Schema (draft 2020-12) of the file, for editors and the documentation. */
export function diversionJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(diversionSchema, { io: 'input' }) as Record<string, unknown>;
}
