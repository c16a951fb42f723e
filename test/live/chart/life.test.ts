import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { type Cluster, install, RELEASE, startCluster } from '../../chart/cluster.ts';
import { CHART, FIRST_CHART, HELMS, type HelmVersion, objectsOf, renderText } from '../../chart/helm.ts';
import { makeDeclaredNamespaces } from '../../cluster/declared.ts';

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const BUNDLE = Buffer.from('an authority').toString('base64');
const OTHER_BUNDLE = Buffer.from('another authority').toString('base64');

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await makeDeclaredNamespaces(cluster.api.kubeconfig, CHART);
});
afterAll(() => cluster?.api.stop());

/** Every object that the API server holds, save those that come and go by themselves. */
async function everything(): Promise<string[]> {
  const types = await cluster.kubectl('api-resources', '--verbs=list', '-o', 'name');
  const kept = types.split('\n').filter((type) => !/^(events|leases|componentstatuses|endpoints)/.test(type));
  const names = await cluster.kubectl('get', kept.join(','), '-A', '-o', 'name', '--ignore-not-found');
  return names.split('\n').sort();
}

async function registration(name: string): Promise<JsonObject> {
  const { status, body } = await cluster.call({ method: 'GET', path: `${REGISTRATION}/${name}` });
  expect(status).toBe(200);
  return body as JsonObject;
}

/** What tells whether an upgrade touched a registration: who it is, how often it was changed, whom it trusts. */
async function stateOf(name: string) {
  const { metadata, webhooks } = (await registration(name)) as unknown as {
    metadata: { uid: string; generation: number };
    webhooks: { clientConfig: { caBundle?: string } }[];
  };
  const { uid, generation } = metadata;
  return { uid, generation, bundles: webhooks.map(({ clientConfig }) => clientConfig.caBundle) };
}

/** Writes the caBundle as the release's own account, in the way that a controller may do it. */
async function trust(name: string, bundle: string, how: 'apply' | 'merge'): Promise<void> {
  const { webhooks } = (await registration(name)) as unknown as {
    webhooks: { name: string; clientConfig: object }[];
  };
  const asUs = await cluster.callAs(RELEASE.namespace, RELEASE.account);
  const { status } = await asUs(
    how === 'apply'
      ? {
          method: 'PATCH',
          path: `${REGISTRATION}/${name}?fieldManager=shunt`,
          type: 'application/apply-patch+yaml',
          body: {
            apiVersion: 'admissionregistration.k8s.io/v1',
            kind: 'MutatingWebhookConfiguration',
            metadata: { name },
            webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle: bundle } })),
          },
        }
      : {
          method: 'PATCH',
          path: `${REGISTRATION}/${name}`,
          type: 'application/strategic-merge-patch+json',
          body: {
            webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle: bundle } })),
          },
        },
  );
  expect(status).toBe(200);
}

const NAME = `${RELEASE.account}.${RELEASE.namespace}`;
const PAIRS: readonly (readonly [HelmVersion, HelmVersion])[] = [
  ['3', '3'],
  ['4', '4'],
  ['3', '4'],
];

describe.each(PAIRS)('installed by Helm %s, upgraded by Helm %s', (first, second) => {
  const upgrade = (...more: string[]) =>
    cluster.helm(second, 'upgrade', RELEASE.name, CHART, '-n', RELEASE.namespace, ...more);

  it('goes through its life from the first version of the chart, and leaves nothing', async () => {
    const before = await everything();
    await cluster.createNamespace(RELEASE.namespace);
    await cluster.helm(first, 'install', RELEASE.name, FIRST_CHART, '-n', RELEASE.namespace);
    expect(await stateOf(NAME)).toMatchObject({ bundles: [undefined] });

    await trust(NAME, BUNDLE, 'apply');
    const trusted = await stateOf(NAME);
    await upgrade();
    expect(await stateOf(NAME)).toMatchObject({ uid: trusted.uid, bundles: [BUNDLE] });

    await upgrade('--set', 'share=0', '--set', 'failurePolicy=Ignore');
    expect(await stateOf(NAME)).toMatchObject({ uid: trusted.uid, bundles: [BUNDLE] });
    expect(await registration(NAME)).toMatchObject({ webhooks: [{ failurePolicy: 'Ignore' }] });
    const map = ['-n', RELEASE.namespace, 'get', 'configmap', `${RELEASE.account}-diversion`, '-o', 'yaml'];
    expect(await cluster.kubectl(...map)).toContain('share: 0\n');

    await trust(NAME, OTHER_BUNDLE, 'merge');
    const rotated = await stateOf(NAME);
    await upgrade('--set', 'share=0', '--set', 'failurePolicy=Ignore');
    expect(await stateOf(NAME)).toEqual(rotated);

    await cluster.helm(second, 'uninstall', RELEASE.name, '-n', RELEASE.namespace);
    const left = (await everything()).filter((name) => !before.includes(name));
    expect(left).toEqual([`namespace/${RELEASE.namespace}`]);
    await removeNamespace();
  });
});

/** Nobody empties a namespace without the controllers, so it goes with what the API server itself does. */
async function removeNamespace(): Promise<void> {
  const path = `/api/v1/namespaces/${RELEASE.namespace}`;
  await cluster.call({ method: 'DELETE', path });
  const { body } = await cluster.call({ method: 'GET', path });
  if (body !== null && typeof body === 'object' && 'spec' in body)
    await cluster.call({
      method: 'PUT',
      path: `${path}/finalize`,
      body: { ...body, spec: { finalizers: [] } },
    });
}

describe('two releases in one cluster', () => {
  const second = { name: 'other', namespace: 'shunt-other' };

  it('stand side by side, and one goes without the other', async () => {
    await install(cluster);
    const alone = await everything();
    await install(cluster, second);
    const both = await everything();
    expect(both).toEqual(expect.arrayContaining(alone));
    await cluster.helm('4', 'uninstall', second.name, '-n', second.namespace);
    expect((await everything()).filter((name) => !alone.includes(name))).toEqual([
      `namespace/${second.namespace}`,
    ]);
    await cluster.helm('3', 'uninstall', RELEASE.name, '-n', RELEASE.namespace);
  });

  it.each(HELMS)('may stand in one namespace (Helm %s)', async (helm) => {
    for (const name of ['one', 'two'])
      await cluster.helm(helm, 'install', name, CHART, '-n', second.namespace);
    for (const name of ['one', 'two']) await cluster.helm(helm, 'uninstall', name, '-n', second.namespace);
  });
});

describe('a namespace that lets in none but restricted pods', () => {
  it("takes the webhook's own pods, and the one that tests them", async () => {
    const namespace = 'restricted';
    await cluster.createNamespace(namespace, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const deployed = objectsOf(await renderText({ namespace })).flatMap(({ kind, metadata, spec }) => {
      if (kind === 'Pod') return [{ metadata, spec }];
      return kind === 'Deployment' ? [(spec as { template: JsonObject }).template] : [];
    });
    expect(deployed).toHaveLength(2);
    for (const { metadata, spec } of deployed as { metadata: object; spec: object }[]) {
      const body = { metadata: { ...metadata, name: 'p', namespace }, spec };
      const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      expect(await cluster.call({ method: 'POST', path, body })).toMatchObject({ status: 201 });
    }
  });
});

describe('the sidecars of running pods', () => {
  it('keep their configuration when the release is gone', async () => {
    await cluster.helm('3', 'install', RELEASE.name, CHART, '-n', RELEASE.namespace);
    const asUs = await cluster.callAs(RELEASE.namespace, RELEASE.account);
    const name = 'shunt.testwiki.changeprop';
    const path = `/api/v1/namespaces/changeprop/configmaps/${name}`;
    const labels = {
      'app.kubernetes.io/managed-by': 'pretrain-shunt',
      'shunt.wikimedia.org/diversion': 'testwiki',
    };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { share: '100' } };
    const applied = {
      method: 'PATCH',
      path: `${path}?fieldManager=shunt`,
      type: 'application/apply-patch+yaml',
      body,
    } as const;
    expect((await asUs(applied)).status).toBe(201);
    await cluster.helm('3', 'uninstall', RELEASE.name, '-n', RELEASE.namespace);
    expect((await cluster.call({ method: 'GET', path })).status).toBe(200);
  });
});
