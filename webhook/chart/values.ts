import { z } from 'zod';
import { text } from '../edges/formats.ts';
import { INGRESS_KINDS } from '../edges/ingress/settings.ts';
import { TOPOLOGIES } from '../edges/ingress/topology.ts';

/*
 * The chart's values, as the schema that Helm holds them against: a misspelt key of ours is refused, while `global`
 * and whatever a parent chart keeps for itself pass. Null leaves a thing as the diversion declares it where it may; Helm
 * takes any other key away that is set to null, so all of those are required.
 */

const image = text('image').nullable();
// `--set sidecar.resources.cpuLimit=2` gives a number; a large one would be printed as 1e+09.
const quantity = z.union([text('quantity'), z.number().min(0).max(999), z.null()]);
const duration = text('duration');
const dictionary = z.record(z.string(), z.unknown());
const strings = z.record(z.string(), z.string());
const objectName = z
  .string()
  .regex(/^(?:[a-z](?:[-a-z0-9]*[a-z0-9])?)?$/)
  .max(63);

const sidecar = z.strictObject({
  image: image.optional(),
  resources: z.strictObject({
    cpuRequest: quantity.optional(),
    memoryRequest: quantity.optional(),
    cpuLimit: quantity.optional(),
    memoryLimit: quantity.optional(),
  }),
});

const webhookImage = z.strictObject({
  repository: image.optional(),
  tag: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)
    .nullable()
    .optional(),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .nullable()
    .optional(),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
});

const certificates = z.strictObject({
  mode: z.enum(['self', 'cert-manager']),
  caLifetime: duration,
  leafLifetime: duration,
  issuerRef: z.strictObject({ name: z.string(), kind: z.string(), group: z.string() }),
});

const namespaceName = z
  .string()
  .regex(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/)
  .max(63);

const resourceList = z.record(z.string(), z.union([z.string(), z.number()]));

const values = z.strictObject({
  global: z.unknown().optional(),
  enabled: z.boolean().nullable().optional(),
  share: z.int().min(0).max(100).nullable().optional(),
  sidecar,
  nameOverride: objectName,
  fullnameOverride: objectName,
  replicas: z.int().min(0).max(100),
  image: webhookImage,
  imagePullSecrets: z.array(z.strictObject({ name: z.string() })),
  failurePolicy: z.enum(['Fail', 'Ignore']),
  certificates,
  clients: z.strictObject({ networks: z.array(text('cidr')) }),
  networkPolicy: z.strictObject({
    egress: z.enum(['auto', 'always', 'never']),
    apiServerPorts: z.array(z.int().min(1).max(65535)).min(1),
  }),
  ingress: z.strictObject({ kind: z.enum([...INGRESS_KINDS, 'none']) }),
  topology: z.enum(TOPOLOGIES),
  podMonitor: z.strictObject({ enabled: z.boolean() }),
  resources: z.strictObject({ requests: resourceList.optional(), limits: resourceList.optional() }),
  rbac: z.strictObject({ namespaces: z.array(namespaceName).nullable().optional() }),
  priorityClassName: z.string(),
  nodeSelector: strings,
  tolerations: z.array(dictionary),
  labels: strings,
  annotations: strings,
});

/** The JSON Schema of the chart's values, in the draft that every Helm since 3.0 reads. */
export function valuesJsonSchema(): Record<string, unknown> {
  const override = ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => mergeTypes(jsonSchema);
  return z.toJSONSchema(values, { target: 'draft-7', io: 'input', override }) as Record<string, unknown>;
}

/** One list of types instead of alternatives: Helm then says what is wrong with a value, and not that nothing fits. */
function mergeTypes(schema: Record<string, unknown>): void {
  const { anyOf } = schema as { anyOf?: readonly { readonly type?: string }[] };
  if (anyOf === undefined) return;
  delete schema['anyOf'];
  Object.assign(schema, ...anyOf, { type: anyOf.map(({ type }) => type) });
}
