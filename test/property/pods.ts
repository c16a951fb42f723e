import fc from 'fast-check';
import type {
  Container,
  Pod,
  PodSpec,
  SecurityContext,
  Volume,
  VolumeMount,
} from '../../webhook/inject/pod.ts';
import { plain } from '../fixtures/read.ts';

/*
 * Random pods of the declared workload jobqueue, in shapes that the API server would accept: any of the optional
 * parts may be there or not, and the captured folder is mounted whole, by subPath, or file by file.
 */

const ORIGIN = 'https://mw-jobrunner.discovery.wmnet:4448';

function some<T>(fields: { readonly [Key in keyof T]?: fc.Arbitrary<T[Key]> }): fc.Arbitrary<Partial<T>> {
  const given = fields as Readonly<Record<string, fc.Arbitrary<unknown>>>;
  return fc.record(given, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
}

const text = fc.constantFrom('', 'x', 'a/b', `${ORIGIN}/x`, 'https://other.example', '/etc/changeprop', 'é');
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd-1', 'x-shunt', 'shunt'), { maxLength: 4 });

const env = fc.array(
  fc.oneof(
    fc.record({ name: fc.constantFrom('A', 'B', 'JOBS'), value: text }),
    fc.record({
      name: fc.constant('C'),
      valueFrom: fc.constant({ fieldRef: { fieldPath: 'metadata.name' } }),
    }),
  ),
  { maxLength: 4 },
);

const security: fc.Arbitrary<Partial<SecurityContext>> = some<SecurityContext>({
  runAsUser: fc.constantFrom(0, 1000, 65534),
  runAsGroup: fc.constantFrom(0, 1000),
  runAsNonRoot: fc.boolean(),
  privileged: fc.boolean(),
  allowPrivilegeEscalation: fc.boolean(),
  capabilities: fc.constantFrom({ drop: ['ALL'] }, { add: ['NET_ADMIN'] }),
  seccompProfile: fc.constantFrom({ type: 'RuntimeDefault' }, { type: 'Unconfined' }),
});

const otherMounts = fc.uniqueArray(
  fc.constantFrom<VolumeMount>(
    { name: 'data', mountPath: '/data' },
    { name: 'data', mountPath: '/etc/changeprop/nested', readOnly: true },
    { name: 'data', mountPath: '/etc/changeprop-other' },
    { name: 'data', mountPath: '/etc/changeprop/one.pem', subPath: 'one.pem' },
  ),
  { selector: ({ mountPath }) => mountPath, maxLength: 3 },
);

const configMounts = fc.constantFrom<VolumeMount[]>(
  [{ name: 'config', mountPath: '/etc/changeprop' }],
  [{ name: 'config', mountPath: '/etc/changeprop/', readOnly: true }],
  [{ name: 'config', mountPath: '/etc/changeprop', subPath: 'deep', readOnly: false }],
  [{ name: 'config', mountPath: '/etc/changeprop/config.yaml', subPath: 'config.yaml', readOnly: true }],
  [{ name: 'config', mountPath: '/etc/changeprop', mountPropagation: 'HostToContainer' }],
);

const details: fc.Arbitrary<Partial<Container>> = some<Container>({
  image: text,
  command: fc.array(text, { maxLength: 2 }),
  args: fc.array(text, { maxLength: 2 }),
  env,
  ports: fc.array(fc.record({ containerPort: fc.integer({ min: 7000, max: 7010 }) }), { maxLength: 2 }),
  securityContext: security,
  resources: fc.constant({ limits: { cpu: '1' } }),
});

const app: fc.Arbitrary<Container> = fc
  .tuple(details, configMounts, otherMounts, fc.boolean())
  .map(([own, config, others, first]) => ({
    ...own,
    name: 'changeprop-production',
    volumeMounts: first ? [...config, ...others] : [...others, ...config],
  }));

const bystander: fc.Arbitrary<Omit<Container, 'name'>> = fc
  .tuple(details, otherMounts)
  .map(([own, volumeMounts]) => ({ ...own, ...(volumeMounts.length > 0 ? { volumeMounts } : {}) }));

const bystanders: fc.Arbitrary<Container[]> = names.chain((given) =>
  fc
    .tuple(...given.map(() => bystander))
    .map((found) => found.map((one, index) => ({ ...one, name: given[index] ?? '' }))),
);

const volumes: Volume[] = [
  { name: 'config', configMap: { name: 'changeprop-production-base-config' } },
  { name: 'data', emptyDir: {} },
];

const spec: fc.Arbitrary<PodSpec> = fc
  .tuple(
    app,
    bystanders,
    some<PodSpec>({
      initContainers: bystanders.map((list) => list.map((one) => ({ ...one, name: `init-${one.name}` }))),
      securityContext: security as fc.Arbitrary<NonNullable<PodSpec['securityContext']>>,
      serviceAccountName: text,
      tolerations: fc.constant([{ key: 'a', operator: 'Exists' }]),
    }),
    fc.nat(3),
  )
  .map(([own, others, rest, place]) => ({
    ...rest,
    containers: others.toSpliced(place, 0, own),
    volumes,
  }));

const metadata: fc.Arbitrary<NonNullable<Pod['metadata']>> = some<NonNullable<Pod['metadata']>>({
  name: fc.constant('p'),
  generateName: fc.constant('p-'),
  annotations: fc.dictionary(fc.constantFrom('a/b~c', 'd', 'e'), text, { maxKeys: 2 }),
}).map((given) => ({ ...given, namespace: 'changeprop-jobqueue', labels: { app: 'changeprop', more: 'x' } }));

/** Pods as JSON: nothing is shared between their parts, and nothing is undefined. */
export const pods: fc.Arbitrary<Pod> = fc
  .tuple(metadata, spec)
  .map(([meta, own]) => plain({ apiVersion: 'v1', kind: 'Pod', metadata: meta, spec: own }));
