import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digest } from '../../webhook/edges/digest.ts';
import { DIVERSION_FILE } from '../../webhook/edges/pod-paths.ts';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import { diversionText, withHosts, withShare } from '../fixtures/diversions.ts';
import { ClusterWorld, configMap, event, NAMESPACE, namespace, OWN, pass, RELEASE } from './cluster-world.ts';
import { refusal } from './fake-kube.ts';
import { counted } from './quiet-context.ts';

const MINUTE = 60_000;

let world: ClusterWorld;
beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new ClusterWorld();
  world.divert();
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

/** A namespace that opted in, at rest. */
async function optedIn(): Promise<ReturnType<ClusterWorld['start']>> {
  world.label(NAMESPACE, 'enabled');
  const replica = world.start();
  await pass(1000);
  expect(world.data()).toBeDefined();
  return replica;
}

describe('the label of a declared namespace', () => {
  const told = () =>
    world.kube.all(event).filter(({ reason, involvedObject }) => {
      const { kind } = involvedObject as { readonly kind: string };
      return kind === 'Namespace' && reason === 'LabelNotUnderstood';
    });

  it.each(['true', 'Enabled', 'no', 'yes', ''])('is told of where it is "%s", once', async (value) => {
    world.label(NAMESPACE, value);
    world.start();
    await pass(1000);
    expect(told()).toMatchObject([{ type: 'Warning', metadata: { namespace: NAMESPACE } }]);
    expect(String(told()[0]?.['message'])).toContain(`inject=${value} `);
    expect(world.data()).toBeUndefined();
    await pass(60 * MINUTE);
    expect(world.kube.sent('POST', `/${NAMESPACE}/events`)).toHaveLength(1);
    world.label(NAMESPACE, 'enabled');
    await pass(1000);
    expect(world.data()).toBeDefined();
  });

  it.each([undefined, 'enabled', 'disabled'])('is not told of where it is %s', async (value) => {
    world.label(NAMESPACE, value);
    world.label('elsewhere', 'true');
    world.start();
    await pass(1000);
    expect(told()).toEqual([]);
  });
});

describe('the ConfigMap of a workload', () => {
  it('is there as soon as the label is, and goes with it', async () => {
    world.label(NAMESPACE, undefined);
    world.label('elsewhere', 'enabled');
    world.start();
    await pass(1000);
    expect(world.kube.all(configMap)).toHaveLength(1);
    world.label(NAMESPACE, 'enabled');
    await pass(10);
    expect(world.data()).toMatchObject({ share: '100' });
    expect(world.kube.all(configMap)).toHaveLength(2);
    world.label(NAMESPACE, 'disabled');
    await pass(10);
    expect(world.data()).toBeUndefined();
  });

  it.each([
    ['runs', { phase: 'Running' }, true],
    [
      'is on its way out',
      { phase: 'Running', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      true,
    ],
    ['has ended well', { phase: 'Succeeded' }, false],
    ['was evicted', { phase: 'Failed' }, false],
    ['mounts that of another workload', { mounts: 'shunt.testwiki.changeprop' }, false],
  ])('stays without the label for a pod that %s as long as it should', async (_, pod, stays) => {
    await optedIn();
    world.run('p', pod);
    world.label(NAMESPACE, undefined);
    await pass(1000);
    expect(world.data() !== undefined).toBe(stays);
    world.kube.remove({ apiVersion: 'v1', kind: 'Pod', plural: 'pods' }, 'p', NAMESPACE);
    await pass(1000);
    expect(world.data()).toBeUndefined();
  });

  it('is neither written nor taken away in a namespace that is being deleted', async () => {
    await optedIn();
    const before = world.kube.requests.length;
    world.label(NAMESPACE, 'enabled', { phase: 'Terminating' });
    world.kube.remove(configMap, OWN, NAMESPACE);
    world.run('p', { mounts: '' });
    await pass(MINUTE);
    expect(world.writesSince(before)).toEqual([]);
    world.kube.remove(namespace, NAMESPACE);
    await pass(MINUTE);
    expect(world.writesSince(before)).toEqual([]);
  });

  it('follows the diversion, which is no repair', async () => {
    const { registry } = await optedIn();
    for (const share of [50, 0, 100]) {
      world.divert(withShare(share));
      await pass(100);
      expect(world.data()).toMatchObject({ share: String(share) });
    }
    expect(await counted(registry, 'shunt_repairs_total')).toBe(0);
    expect(world.told(OWN)).toEqual([]);
  });

  it('goes from a namespace that the diversion is no more for', async () => {
    await optedIn();
    world.label('other', 'enabled');
    world.divert([`namespaces: [${NAMESPACE}]`, 'namespaces: [other]']);
    await pass(1000);
    expect([world.data(), world.data(OWN, 'other')]).toEqual([undefined, expect.anything()]);
  });

  it('of a workload that comes later is written too, and its pods are seen', async () => {
    world.label('late', 'enabled');
    await optedIn();
    world.run('p', { namespace: 'late', app: 'late', mounts: '' });
    world.divert([
      '    mobileapps:\n',
      '    late:\n      namespaces: [late]\n      labels: { app: late }\n      container: "*"\n' +
        '      captures:\n        - { kind: files, path: /etc/x, files: [config.yaml] }\n' +
        '      upstreams: [mw-jobrunner]\n    mobileapps:\n',
    ]);
    await pass(2000);
    expect(world.data('shunt.testwiki.late', 'late')).toBeDefined();
    expect(world.told('p')).toEqual([expect.stringContaining('Should be diverted as workload late')]);
  });

  it('stays as a replica with newer news wrote it, once the diversion is gone and cannot be asked for', async () => {
    await optedIn();
    world.kube.remove(configMap, 'shunt-diversion', RELEASE);
    const newer = { ...world.data(), share: '7', [DIVERSION_FILE]: diversionText(withShare(7)) };
    world.kube.change(configMap, OWN, NAMESPACE, {
      metadata: { annotations: { [ANNOTATIONS.revision]: digest(newer) } },
      data: newer,
    });
    await pass(10 * MINUTE);
    expect(world.data()).toMatchObject({ share: '7' });
  });

  it('of another diversion is nobody’s business here', async () => {
    const replica = world.start();
    world.label(NAMESPACE, 'enabled');
    const metadata = { name: 'shunt.other.jobqueue', namespace: NAMESPACE };
    world.kube.put(configMap, { metadata, data: { share: '1' } });
    await pass(1000);
    expect(world.data('shunt.other.jobqueue')).toEqual({ share: '1' });
    replica.controller.stop();
  });
});

describe('somebody', () => {
  it.each<[string, object]>([
    ['changes a value', { data: { share: '7' } }],
    ['adds a key', { data: { extra: 'x' } }],
    [
      'adds a key with the name of something that every object has',
      { data: { constructor: 'x', toString: 'x' } },
    ],
    ['adds binary data', { binaryData: { extra: 'eA==' } }],
    ['takes a key away', { data: { share: null } }],
    ['empties it', { data: null }],
    ['changes the revision', { metadata: { annotations: { [ANNOTATIONS.revision]: 'x' } } }],
    ['takes the revision away', { metadata: { annotations: null } }],
    ['fills it with garbage and freezes it', { data: { share: 'x', extra: 'x' }, immutable: true }],
  ])('%s of the ConfigMap: it is put right once, which is told and counted', async (_, patch) => {
    const { registry } = await optedIn();
    const before = world.data();
    const count = world.kube.requests.length;
    world.kube.change(configMap, OWN, NAMESPACE, patch as never);
    await pass(MINUTE);
    expect(world.data()).toEqual(before);
    expect(world.kube.get(configMap, OWN, NAMESPACE)).not.toHaveProperty('binaryData.extra');
    expect(world.told(OWN)).toEqual([
      expect.stringMatching(/^Repaired: This had been changed or deleted by others/),
    ]);
    expect(await counted(registry, 'shunt_repairs_total')).toBeGreaterThanOrEqual(1);
    expect(world.writesSince(count).length).toBeLessThanOrEqual(6);
  });

  it('deletes the ConfigMap: it is there again at once', async () => {
    await optedIn();
    world.kube.remove(configMap, OWN, NAMESPACE);
    await pass(10);
    expect(world.data()).toBeDefined();
  });

  it('freezes it as it is: a change of the diversion takes its place', async () => {
    await optedIn();
    world.kube.change(configMap, OWN, NAMESPACE, { immutable: true });
    world.divert(withShare(3));
    await pass(1000);
    expect(world.data()).toMatchObject({ share: '3' });
  });
});

describe('an API server that', () => {
  it.each([0, 403, 409, 422, 429, 500])(
    'refuses every write with %i is asked less and less, and obeyed after',
    async (status) => {
      world.label(NAMESPACE, 'enabled');
      world.kube.fault = ({ method }) => (method === 'GET' ? undefined : refusal(status));
      const { registry } = world.start();
      await pass(10 * MINUTE);
      expect(world.writesSince(0).length).toBeLessThan(120);
      expect(await counted(registry, 'shunt_kube_failures_total', { kind: 'ConfigMap' })).toBeGreaterThan(5);
      world.kube.fault = () => undefined;
      await pass(MINUTE);
      expect(world.data()).toBeDefined();
    },
  );

  it('does not tell of ConfigMaps yet gets no writes based on what is not known', async () => {
    world.label(NAMESPACE, 'enabled');
    world.kube.fault = ({ method, path }) =>
      method === 'GET' && path.endsWith('/pods') ? refusal(403) : undefined;
    world.start();
    await pass(MINUTE);
    expect(world.writesSince(0)).toEqual([]);
  });
});

it.each([2, 5])('%i replicas come to rest on the same, and write nothing more', async (count) => {
  world.label(NAMESPACE, 'enabled');
  for (let replica = 0; replica < count; replica += 1) world.start();
  await pass(MINUTE);
  world.divert(withShare(10), withHosts('a.example', 'b.example'));
  world.kube.change(configMap, OWN, NAMESPACE, { data: { share: 'x' } });
  await pass(MINUTE);
  const before = world.kube.requests.length;
  await pass(10 * MINUTE);
  expect(world.writesSince(before)).toEqual([]);
  expect(world.data()).toMatchObject({ share: '10' });
});
