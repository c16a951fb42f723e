import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../webhook/core/json.ts';
import { withShare } from '../fixtures/diversions.ts';
import { ClusterWorld, configMap, NAMESPACE, networkPolicy, OWN, pass, RELEASE } from './cluster-world.ts';
import { metaOf } from './fake-place.ts';
import { counted } from './quiet-context.ts';

const MINUTE = 60_000;
const KEPT = { 'app.kubernetes.io/managed-by': 'pretrain-shunt' };
const MARK = { ...KEPT, 'shunt.wikimedia.org/diversion': 'testwiki' };
const OWNER = 'shunt.wikimedia.org/owner';

let world: ClusterWorld;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new ClusterWorld();
  world.divert();
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

const put = (metadata: JsonObject, data: JsonObject = { theirs: 'x' }) =>
  world.kube.put(configMap, { metadata: { name: OWN, namespace: NAMESPACE, ...metadata }, data });
const live = () => world.kube.get(configMap, OWN, NAMESPACE) ?? {};

describe('a ConfigMap of our name', () => {
  it.each<[string, JsonObject]>([
    ['without a mark', {}],
    ['that something else keeps', { labels: { ...MARK, 'app.kubernetes.io/managed-by': 'Helm' } }],
    ['of another diversion', { labels: { ...KEPT, 'shunt.wikimedia.org/diversion': 'shop' } }],
    ['without a diversion', { labels: KEPT }],
    ['of another release', { labels: MARK, annotations: { [OWNER]: 'elsewhere/shunt' } }],
  ])('%s is left alone, opted in or not, which is said once, to the pods too', async (_, metadata) => {
    put(metadata);
    const before = live();
    world.label(NAMESPACE, 'enabled');
    world.run('p');
    const { registry } = world.start({ policyMode: 'always' });
    await pass(MINUTE);
    world.divert(withShare(3));
    await pass(MINUTE);
    expect(live()).toEqual(before);
    expect(world.told(OWN)).toEqual([expect.stringMatching(/^NotOurs: The ConfigMap .* is left alone/)]);
    expect(world.told('p')).toEqual([expect.stringMatching(/^NotDiverted: Not diverted as declared: The C/)]);
    expect(await counted(registry, 'shunt_conflicts_total', { kind: 'ConfigMap' })).toBe(1);
    world.label(NAMESPACE, undefined);
    world.kube.remove({ apiVersion: 'v1', kind: 'Pod', plural: 'pods' }, 'p', NAMESPACE);
    await pass(MINUTE);
    expect(live()).toEqual(before);
  });

  it('of a release that is gone is taken over once its owner is taken off, as the event says', async () => {
    put({ labels: MARK, annotations: { [OWNER]: 'elsewhere/shunt' } });
    world.label(NAMESPACE, 'enabled');
    world.run('p');
    world.start();
    await pass(MINUTE);
    expect(world.told(OWN).join()).toContain(
      `kubectl -n ${NAMESPACE} annotate configmap ${OWN} shunt.wikimedia.org/owner-`,
    );
    world.kube.change(configMap, OWN, NAMESPACE, { metadata: { annotations: { [OWNER]: null } } });
    await pass(1000);
    expect(metaOf(live())['annotations']).toMatchObject({ [OWNER]: `${RELEASE}/shunt` });
    expect(live()['data']).toMatchObject({ share: '100' });
    expect(world.told('p').at(-1)).toMatch(/^Diverting: Diverting 100 %/);
  });

  it('is written once what was in its place is gone, and the pods are told', async () => {
    put({});
    world.label(NAMESPACE, 'enabled');
    world.run('p');
    world.start();
    await pass(1000);
    world.kube.remove(configMap, OWN, NAMESPACE);
    await pass(1000);
    expect(metaOf(live())['annotations']).toMatchObject({ [OWNER]: `${RELEASE}/shunt` });
    expect(world.told('p').at(-1)).toMatch(/^Diverting: Diverting 100 %/);
  });

  it('that the first version of the program wrote is taken over as it is', async () => {
    world.label(NAMESPACE, 'enabled');
    world.start();
    await pass(1000);
    world.kube.change(configMap, OWN, NAMESPACE, { metadata: { annotations: { [OWNER]: null } } });
    const { data, metadata } = live();
    await pass(1000);
    expect(live()['data']).toEqual(data);
    expect(metaOf(live())).toMatchObject({
      uid: (metadata as JsonObject)['uid'],
      annotations: { [OWNER]: `${RELEASE}/shunt` },
    });
  });

  it('is not overwritten when somebody makes it in the moment between', async () => {
    world.label(NAMESPACE, 'enabled');
    world.kube.streams.silent = true;
    world.start();
    await pass(50);
    world.kube.remove(configMap, OWN, NAMESPACE);
    put({});
    world.divert();
    world.kube.streams.silent = false;
    const before = live();
    await pass(MINUTE);
    expect(live()).toEqual(before);
  });
});

describe('a NetworkPolicy of our name', () => {
  it('without a mark is left alone', async () => {
    const metadata = { name: OWN, namespace: NAMESPACE };
    world.kube.put(networkPolicy, { metadata, spec: { podSelector: {}, policyTypes: ['Ingress'] } });
    const before = world.kube.get(networkPolicy, OWN, NAMESPACE);
    world.label(NAMESPACE, 'enabled');
    const { registry } = world.start({ policyMode: 'always' });
    await pass(MINUTE);
    expect(world.kube.get(networkPolicy, OWN, NAMESPACE)).toEqual(before);
    expect(await counted(registry, 'shunt_conflicts_total', { kind: 'NetworkPolicy' })).toBe(1);
  });
});

describe('a pod that mounts what is ours', () => {
  it.each([
    ['where nobody opted in', NAMESPACE, undefined],
    ['in a namespace that no workload is for', 'tenant-b', 'enabled'],
    ['in one that is neither', 'tenant-b', undefined],
  ])('makes nothing be written or told %s', async (_, namespace, label) => {
    world.label(namespace, label);
    world.run('plain', { namespace });
    world.start({ policyMode: 'always' });
    await pass(MINUTE);
    world.divert(withShare(3));
    await pass(MINUTE);
    expect(world.writesSince(0)).toEqual([]);
  });

  it.each<[string, object]>([
    ['opted out', { labels: { 'shunt.wikimedia.org/inject': 'disabled' } }],
    ['of another app', { app: 'other' }],
  ])('and is %s is not said to divert', async (_, wish) => {
    world.label(NAMESPACE, 'enabled');
    world.run('p', wish);
    world.start();
    await pass(MINUTE);
    expect(world.told('p')).toEqual([expect.stringMatching(/^NotDiverted: Not diverted: /)]);
  });
});

describe('what cannot be written', () => {
  it.each([403, 422])(
    'because of a %i is told with the words of the API server, and no pod diverts',
    async (status) => {
      const message =
        'exceeded quota: maps, requested: configmaps=1, used: configmaps=1, limited: configmaps=1';
      world.label(NAMESPACE, 'enabled');
      world.run('p');
      world.kube.fault = ({ method, path }) =>
        method === 'PATCH' && path.includes('configmaps') ? { ok: false, status, message } : undefined;
      world.start();
      await pass(10 * MINUTE);
      expect(world.told('p')).toEqual([expect.stringContaining(message)]);
      expect(world.told(OWN)).toEqual([expect.stringMatching(/^NotWritten: .*exceeded quota: maps/)]);
      world.kube.fault = () => undefined;
      await pass(MINUTE);
      expect(world.told('p').at(-1)).toMatch(/^Diverting/);
    },
  );
});
