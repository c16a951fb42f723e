import https from 'node:https';
import jsonPatch from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../cli/run.ts';
import { found } from '../fixtures/read.ts';
import { type ServerProcess, serveProcess } from './process.ts';
import { type Answered, review, send, UID } from './serving.ts';

/** A pod as it comes over the wire, of which nothing was validated. */
// biome-ignore lint/suspicious/noExplicitAny: the test writes what no type allows
type Loose = any;

let server: ServerProcess;
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
let injectedPod: Loose;

beforeAll(async () => {
  server = await serveProcess(temporaryFolder());
  for (let warm = 0; warm < 50; warm++) await post(review());
  const { request } = review() as Loose;
  const { answer } = await post(review());
  const patch = JSON.parse(Buffer.from(found(answer.response?.patch), 'base64').toString());
  injectedPod = jsonPatch.applyPatch(request.object, patch).newDocument;
}, 60_000);
afterAll(() => {
  agent.destroy();
  server.stop();
});

let posted = 0;

async function post(body: unknown) {
  posted++;
  const bytes = Buffer.from(JSON.stringify(body));
  const began = performance.now();
  const { status, text } = await send(server, { body: bytes, agent });
  const ms = performance.now() - began;
  return { ms, status, bytes: bytes.length, answer: JSON.parse(text) as Answered };
}

const list = (length: number, make: (index: number) => unknown): unknown[] =>
  Array.from({ length }, (_, i) => make(i));
const mapping = (length: number) =>
  Object.fromEntries(list(length, (i) => [`k${i}`, 'v']) as [string, string][]);
const app = (pod: Loose): Loose => pod.spec.containers.find(({ name }: Loose) => !name.startsWith('shunt'));
const add = (owner: Loose, key: string, items: readonly unknown[]): void => {
  owner[key] = [...(owner[key] ?? []), ...items];
};
const ORIGIN = 'https://mw-api-int.discovery.wmnet:4446';
const UNDO = 'shunt.wikimedia.org/undo';

/** What is made long, in a pod and in the request around it. Four thousand times `n` bytes or less. */
const FIELDS: Readonly<Record<string, (pod: Loose, n: number, request: Loose) => void>> = {
  env: (pod, n) =>
    add(
      app(pod),
      'env',
      list(n, (i) => ({ name: `E${i}`, value: ORIGIN })),
    ),
  'a value of env': (pod, n) => add(app(pod), 'env', [{ name: 'E', value: ORIGIN.repeat(n) }]),
  args: (pod, n) =>
    add(
      app(pod),
      'args',
      list(n, (i) => `a${i}`),
    ),
  'an argument': (pod, n) => add(app(pod), 'args', [ORIGIN.repeat(n)]),
  mounts: (pod, n) =>
    add(
      app(pod),
      'volumeMounts',
      list(n, (i) => ({ name: `v${i}`, mountPath: `/m${i}` })),
    ),
  'mounts below the captured one': (pod, n) =>
    add(
      app(pod),
      'volumeMounts',
      list(n, (i) => ({ name: `v${i}`, mountPath: `/etc/changeprop/${i}` })),
    ),
  'mounts at the captured one': (pod, n) =>
    add(
      app(pod),
      'volumeMounts',
      list(n / 4, () => ({ name: 'v', mountPath: '/etc/changeprop' })),
    ),
  'slashes of a mount': (pod, n) =>
    add(app(pod), 'volumeMounts', [{ name: 'v', mountPath: `/x${'/'.repeat(n * 30)}x` }]),
  'dots of a mount': (pod, n) =>
    add(app(pod), 'volumeMounts', [{ name: 'v', mountPath: `/x${'/./..'.repeat(n * 6)}x` }]),
  ports: (pod, n) =>
    add(
      app(pod),
      'ports',
      list(n, (i) => ({ name: `p${i}`, containerPort: i })),
    ),
  volumes: (pod, n) =>
    add(
      pod.spec,
      'volumes',
      list(n, (i) => ({ name: `v${i}`, emptyDir: {} })),
    ),
  'keys of a volume': (pod, n) =>
    add(pod.spec, 'volumes', [
      { name: 'c', configMap: { name: 'c', items: list(n, (i) => ({ key: `k${i}`, path: `p${i}` })) } },
    ]),
  containers: (pod, n) =>
    add(
      pod.spec,
      'containers',
      list(n, (i) => ({ name: `c${i}`, image: 'x' })),
    ),
  'containers of its name': (pod, n) =>
    add(
      pod.spec,
      'containers',
      list(n, (i) => ({ name: `${app(pod).name}${i}`, image: 'x' })),
    ),
  'the name of a container': (pod, n) =>
    add(pod.spec, 'containers', [{ name: 'a-'.repeat(n * 15), image: 'x' }]),
  'init containers': (pod, n) =>
    add(
      pod.spec,
      'initContainers',
      list(n, (i) => ({ name: `c${i}`, image: 'x' })),
    ),
  tolerations: (pod, n) =>
    add(
      pod.spec,
      'tolerations',
      list(n, (i) => ({ key: `k${i}` })),
    ),
  owners: (pod, n) =>
    add(
      pod.metadata,
      'ownerReferences',
      list(n, (i) => ({ kind: 'X', name: `n${i}`, uid: 'u' })),
    ),
  labels: (pod, n) => Object.assign(pod.metadata.labels, mapping(n)),
  annotations: (pod, n) => Object.assign(pod.metadata.annotations, mapping(n)),
  'an annotation': (pod, n) => Object.assign(pod.metadata.annotations, { a: '/'.repeat(n * 30) }),
  nesting: (pod, n) => {
    for (let level = 0; level < n / 10; level++) pod.spec.nested = { nested: pod.spec.nested ?? {} };
  },
  'the namespace': (_pod, n, request) => Object.assign(request, { namespace: 'n'.repeat(n * 30) }),
  'the name': (_pod, n, request) => Object.assign(request, { name: 'n'.repeat(n * 30) }),
  'the record of originals and env': (pod, n) => {
    const entries = list(n / 5, (i) => ({ container: app(pod).name, env: `E${i}`, value: ORIGIN }));
    pod.metadata.annotations[UNDO] = JSON.stringify({ created: [], originals: entries });
    add(
      app(pod),
      'env',
      list(n / 5, (i) => ({ name: `E${i}`, value: 'x' })),
    );
  },
  'the record of originals and mounts': (pod, n) => {
    const entries = list(n / 5, (i) => ({
      container: app(pod).name,
      mount: { name: 'v', mountPath: `/m${i}` },
    }));
    pod.metadata.annotations[UNDO] = JSON.stringify({ created: [], originals: entries });
    add(
      app(pod),
      'volumeMounts',
      list(n / 5, (i) => ({ name: 'v', mountPath: `/m${i}` })),
    );
  },
  'the record of originals and args': (pod, n) => {
    const entries = list(n / 5, (i) => ({ container: app(pod).name, field: 'args', index: i, value: 'a' }));
    pod.metadata.annotations[UNDO] = JSON.stringify({ created: [], originals: entries });
    add(
      app(pod),
      'args',
      list(n / 5, () => 'a'),
    );
  },
  'the record of originals and containers': (pod, n) => {
    const entries = list(n / 5, (i) => ({ container: `c${i}`, env: 'E', value: 'x' }));
    pod.metadata.annotations[UNDO] = JSON.stringify({ created: [], originals: entries });
    add(
      pod.spec,
      'containers',
      list(n / 5, (i) => ({ name: `c${i}`, env: [{ name: 'E', value: 'x' }] })),
    );
  },
};

const N = 8000;
const TIMES = 4;
/** Quadratic growth is sixteenfold; what is below this takes no time worth comparing. */
const MAX_GROWTH = 10;
const MIN_COMPARED_MS = 40;

describe.each(Object.entries(FIELDS))('a review with long %s', (_name, lengthen) => {
  it.each([
    ['of a pod', () => (review() as Loose).request.object],
    ['of a pod that is injected', () => structuredClone(injectedPod)],
  ])(
    '%s takes time that grows with its bytes',
    async (_, podOf) => {
      const best = async (n: number): Promise<number> => {
        const body = review({ object: podOf() }) as Loose;
        lengthen(body.request.object, n, body.request);
        const taken: number[] = [];
        for (let round = 0; round < 3; round++) {
          const { ms, status, answer } = await post(body);
          expect([status, answer.response?.uid]).toEqual([200, UID]);
          taken.push(ms);
        }
        return Math.min(...taken);
      };
      const [once, twice, fourTimes] = [await best(N), await best(2 * N), await best(TIMES * N)];
      expect(fourTimes / Math.max(once, MIN_COMPARED_MS), `${once} ${twice} ${fourTimes} ms`).toBeLessThan(
        MAX_GROWTH,
      );
    },
    60_000,
  );
});

it('each of them is one line of the log, which is short whatever the review holds', async () => {
  await vi.waitFor(() => expect(server.log.length).toBe(posted + 1));
  expect(Math.max(...server.log.map((line) => line.length))).toBeLessThan(64 * 1024);
});
