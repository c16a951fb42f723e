import { z } from 'zod';
import { described } from '../edges/described.ts';
import { text } from '../edges/formats.ts';

/** An app has 65,535 ports for its connections to one address. */
const MAX_POOL = 65_535;

const files = described(
  z.array(text('fileName')).min(1),
  'Names of the files in that folder to change; they are keys of the mounted ConfigMap or Secret.',
  ['config.yaml'],
);

const captureFiles = z.strictObject({
  kind: described(
    z.literal('files'),
    'Copies the folder at `path` when the pod starts, and replaces `https://address:port` of declared upstreams in the named files by the sidecar. Every other byte stays.',
  ),
  path: described(text('filePath'), 'Folder where the configuration is mounted.', '/etc/app'),
  files,
});
const captureEnv = z.strictObject({
  kind: described(
    z.literal('env'),
    'Replaces the addresses in environment variables. Only literal values (`value`) can be replaced, not `valueFrom` or `envFrom`.',
  ),
  names: described(z.array(z.string().min(1)).min(1), 'Names of the variables.', ['API_URL']),
});
const captureArgs = z.strictObject({
  kind: described(z.literal('args'), 'Replaces the addresses in the command and its arguments.'),
});
const captureEnvoy = z.strictObject({
  kind: described(
    z.literal('envoy'),
    "Adds the diversion to the configuration of the pod's own Envoy. The pod gets no sidecar.",
  ),
  path: described(text('filePath'), "Folder where Envoy's configuration is mounted.", '/etc/envoy'),
  files,
});

const ownEnvoy = z.strictObject({
  container: described(
    text('containerName'),
    "Name of that Envoy's container; may contain `*`.",
    '*-tls-proxy',
  ),
  path: described(text('filePath'), 'Folder where its configuration is mounted.', '/etc/envoy'),
  files,
});

const pool = z.strictObject({
  key: described(
    text('keyPath'),
    "Keys, joined by dots, from the mapping that contains a captured address to the app's connection limit.",
    'agentOptions.maxSockets',
  ),
  atLeast: described(
    z.int().min(1).max(MAX_POOL),
    'The limit that the app gets; a higher one is kept. Choose more than the number of calls that one pod makes at the same time.',
    5000,
  ),
});

/** `spec.workloads.*`: a kind of pod that is injected. */
export const workload = z.strictObject({
  namespaces: described(z.array(text('namespace')).min(1), 'Namespaces of the pods.', ['shop']),
  labels: described(
    z.record(text('labelKey'), z.string()),
    'Labels of the pods; a pod must have all of them.',
    { app: 'shop' },
  ),
  container: described(
    text('containerName'),
    'Name of the container whose calls are captured. `*` matches any run of characters; exactly one container must match.',
    'shop',
  ),
  captures: described(
    z.array(z.discriminatedUnion('kind', [captureFiles, captureEnv, captureArgs, captureEnvoy])).min(1),
    'How the calls of the app reach the proxy.',
    [{ kind: 'env', names: ['API_URL'] }],
  ),
  upstreams: described(z.array(z.string()).min(1), 'Names of the upstreams that the app calls.', ['api']),
  ownEnvoy: described(
    ownEnvoy.optional(),
    'An Envoy that the pod may already have. A pod with such a container gets no sidecar; that Envoy is diverted instead. A chart can then turn its mesh on and off without a change here. A pod whose app still calls an upstream directly is refused, or its config step fails.',
    { container: '*-tls-proxy', path: '/etc/envoy', files: ['envoy.yaml'] },
  ),
  unlisted: described(
    z.enum(['warn', 'fail']).default('warn'),
    'What the config step does when a captured file contains a declared upstream that `upstreams` does not list: `warn` logs it with its line, `fail` also keeps the pod from starting.',
    'fail',
  ),
  pool: described(
    pool.optional(),
    'Connection limit of the app, raised in the copies of captured files (kind `files`, YAML or JSON). Behind the sidecar all hosts share one local address, and so one limit.',
    { key: 'agentOptions.maxSockets', atLeast: 5000 },
  ),
});
