import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../../webhook/inject/pod.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { fixturePod } from '../../fixtures/read.ts';
import { containerNamed, specOf } from '../../inject/pods.ts';
import { issue, type Serving, serve } from '../../server/serving.ts';
import { CONTAINER_CHANGES, type OtherWebhook, serveOtherWebhook } from './other-webhook.ts';

/*
 * The API server itself reviews a pod again when a webhook changed it, and asks webhooks again (IfNeeded) in the
 * order of their names. So our part is asked before and after another webhook here, on a server that pulls always.
 */

const NAMESPACE = 'changeprop-jobqueue';
const ORDERS = ['before', 'after'] as const;
const OWN = ['shunt-config', 'shunt-envoy'];

let server: ApiServer;
let pair: Awaited<ReturnType<typeof issue>>;
let serving: Serving;
let other: OtherWebhook;

beforeAll(async () => {
  server = await startApiServer({ flags: ['--enable-admission-plugins=AlwaysPullImages'] });
  pair = await issue();
  serving = await serve(pair);
  other = await serveOtherWebhook(pair);
  expect((await run(['create', 'namespace', NAMESPACE])).status).toBe(0);
});
afterAll(async () => {
  serving?.server.close();
  other?.close();
  await server?.stop();
});

const run = (args: readonly string[], input?: unknown) => kubectl(server.kubeconfig, args, input);

const registration = (name: string, url: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: `${name}.shunt.wikimedia.org`,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      matchPolicy: 'Equivalent',
      clientConfig: { url, caBundle: Buffer.from(pair.authority.cert).toString('base64') },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
  ],
});

const ours = () => registration('m-ours', `https://127.0.0.1:${serving.port}/mutate`);

async function register(...webhooks: readonly object[]): Promise<void> {
  await run(['delete', 'mutatingwebhookconfigurations', '--all']);
  for (const webhook of webhooks)
    expect(await run(['apply', '-f', '-'], webhook)).toMatchObject({ status: 0 });
}

/** Creates the pod once the registrations are in force, and gives back what is stored. */
async function created(pod: Pod): Promise<Pod> {
  const args = ['create', '--dry-run=server', '-o', 'json', '-f', '-'];
  let last = '';
  await expect
    .poll(
      async () => {
        last = (await run(args, pod)).text;
        return last;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toContain('"shunt.wikimedia.org/status"');
  return JSON.parse(last.slice(last.indexOf('{'))) as Pod;
}

function ownOf(pod: Pod): Container[] {
  return (specOf(pod).initContainers ?? []).filter(({ name }) => OWN.includes(name));
}

/** What has to be ours whatever the cluster does. */
const fixed = ({ name, command, args, env, ports, volumeMounts, lifecycle, restartPolicy }: Container) => ({
  name,
  command,
  args,
  env,
  ports,
  volumeMounts,
  lifecycle,
  restartPolicy,
});

describe('on an API server that sets every pull policy to Always', () => {
  it('a pod is created injected, with that policy', async () => {
    await register(ours());
    const pod = await created(fixturePod('jobqueue'));
    expect(ownOf(pod).map(({ name, imagePullPolicy }) => [name, imagePullPolicy])).toEqual([
      ['shunt-config', 'Always'],
      ['shunt-envoy', 'Always'],
    ]);
  });

  it.each(
    Object.keys(CONTAINER_CHANGES).flatMap((change) => ORDERS.map((order) => [change, order] as const)),
  )('what a webhook does to all containers stays on ours: %s, asked %s ours', async (change, order) => {
    await register(ours());
    const alone = await created(fixturePod('jobqueue'));
    const name = order === 'before' ? 'a-other' : 'z-other';
    await register(ours(), registration(name, `${other.url}/${change}`));
    const pod = await eventually(
      () => created(fixturePod('jobqueue')),
      (found) => isChanged(found, change),
    );
    expect(ownOf(pod).map(fixed)).toEqual(ownOf(alone).map(fixed));
  });

  it('a copied pod gets back what was changed in our containers', async () => {
    await register(ours());
    const pod = await created(fixturePod('jobqueue'));
    const initContainers = specOf(pod).initContainers?.map((one) => ({
      ...one,
      env: [{ name: 'LD_PRELOAD', value: '/shunt/out/0/x.so' }],
      lifecycle: one.restartPolicy ? { postStart: { exec: { command: ['true'] } } } : undefined,
    }));
    const copy = { ...pod, spec: { ...specOf(pod), initContainers } } as Pod;
    delete copy.metadata?.uid;
    expect(ownOf(await created(copy)).map(fixed)).toEqual(ownOf(pod).map(fixed));
  });

  it('a copied pod whose init container mounts our volume is refused, by name', async () => {
    await register(ours());
    const pod = await created(fixturePod('jobqueue'));
    const first = { name: 'first', image: 'x', volumeMounts: [{ name: 'shunt-copy-0', mountPath: '/x' }] };
    const initContainers = [first, ...(specOf(pod).initContainers ?? [])];
    const { status, text } = await run(['create', '--dry-run=server', '-f', '-'], {
      ...pod,
      spec: { ...specOf(pod), initContainers },
    });
    expect(status).toBe(1);
    expect(text).toContain('name-taken');
    expect(text).toContain('container first mounts shunt-copy-0 at /x; remove that mount');
  });
});

describe('a pod as Kubernetes and kubectl see it', () => {
  it('is Guaranteed with a sidecar where it is without one', async () => {
    await register(ours());
    const limits = { cpu: '1', memory: '1Gi' };
    const pod = fixturePod('jobqueue');
    const containers = specOf(pod).containers.map((one) => ({ ...one, resources: { limits } }));
    const after = await created({ ...pod, spec: { ...specOf(pod), containers } });
    expect(after.status?.qosClass).toBe('Guaranteed');
    expect((await created(pod)).status?.qosClass).toBe('Burstable');
  });

  it.each([
    ['which loses its labels', []],
    ['which keeps its labels', ['--keep-labels=true']],
  ])('can be copied by kubectl debug, %s', async (_, flags) => {
    await register(ours());
    await created(fixturePod('jobqueue'));
    const { generateName: _name, ...metadata } = fixturePod('jobqueue').metadata ?? {};
    const pod = { ...fixturePod('jobqueue'), metadata: { ...metadata, name: `original-${flags.length}` } };
    expect(await run(['create', '-f', '-'], pod)).toMatchObject({ status: 0 });
    const copy = `copy-${flags.length}`;
    const debug = ['-n', NAMESPACE, 'debug', pod.metadata.name, `--copy-to=${copy}`, '--image=example/debug'];
    expect(await run([...debug, '--container=debugger', ...flags])).toMatchObject({ status: 0 });
    const stored = JSON.parse((await run(['-n', NAMESPACE, 'get', 'pod', copy, '-o', 'json'])).text) as Pod;
    const original = (await run(['-n', NAMESPACE, 'get', 'pod', pod.metadata.name, '-o', 'json'])).text;
    expect(ownOf(stored).map(fixed)).toEqual(ownOf(JSON.parse(original) as Pod).map(fixed));
    expect(specOf(stored).containers.map(({ name }) => name)).toContain('debugger');
  });

  it.each([
    ['os-unsupported', { os: { name: 'windows' }, securityContext: {} }],
    ['pod-resources', { resources: { limits: { cpu: '1', memory: '1Gi' } } }],
  ])('is refused by name: %s', async (reason, change) => {
    await register(ours());
    await created(fixturePod('jobqueue'));
    const pod = fixturePod('jobqueue');
    const { status, text } = await run(['create', '--dry-run=server', '-f', '-'], {
      ...pod,
      spec: { ...specOf(pod), ...change },
    });
    expect({ status, text }).toMatchObject({ status: 1, text: expect.stringContaining(reason) });
  });
});

/** Whether the other webhook was asked, and its change is in all containers, ours included. */
function isChanged(pod: Pod, change: string): boolean {
  const all = [...specOf(pod).containers, ...ownOf(pod)];
  const has: Readonly<Record<string, (one: Container) => boolean>> = {
    mirror: ({ image }) => image?.startsWith('mirror.example/') === true,
    requests: ({ resources }) => resources?.requests?.['cpu'] === '500m',
    pull: ({ imagePullPolicy }) => imagePullPolicy === 'Always',
    user: ({ securityContext }) => securityContext?.runAsUser === 1_000_620_000,
  };
  return all.every((one) => has[change]?.(one)) && containerNamed(pod, 'shunt-envoy') !== undefined;
}

/** Registrations reach the API server's own cache a moment later. */
async function eventually<T>(make: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  let value = await make();
  await expect
    .poll(
      async () => {
        value = await make();
        return holds(value);
      },
      { timeout: 20_000, interval: 300 },
    )
    .toBe(true);
  return value;
}
