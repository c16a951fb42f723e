import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { shunt, temporaryFolder } from '../../cli/run.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { metric } from '../../cluster/metrics.ts';
import {
  annotationsOf,
  CHANGEPROP,
  changepropPod,
  isInjected,
  makeSpace,
  pathOf,
} from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { fixturePath, found } from '../../fixtures/read.ts';

const SHOP = 'shunt.shop-no.checkout';

let api: ApiServer;
let client: ApiClient;
let wiki: Release;
let shop: Release;

beforeAll(async () => {
  const chart = path.join(temporaryFolder(), 'chart');
  const generated = await shunt(['generate', '-d', fixturePath('shop.yaml'), '--out', chart]);
  expect(generated).toMatchObject({ code: 0 });
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  wiki = await Release.install(api, 1);
  shop = await Release.install(api, 1, { chart, release: 'shop', namespace: 'shop-shunt' });
  for (const namespace of ['changeprop', 'shop']) await makeSpace(client, namespace);
  await until('both have what they need', async () => (await exists(CHANGEPROP)) && (await exists(SHOP)));
});
afterAll(async () => {
  await wiki?.stop();
  await shop?.stop();
  client?.close();
  await api?.stop();
});

const spaceOf = (configMap: string) => (configMap === SHOP ? 'shop' : 'changeprop');
const exists = async (configMap: string) =>
  (await client.get(pathOf(spaceOf(configMap), 'configmaps', configMap))) !== undefined;

const createWiki = (name: string) =>
  client.create(pathOf('changeprop', 'pods'), changepropPod(name, 'changeprop'));

function createShop(name: string) {
  const pod = changepropPod(name, 'shop', { 'app.kubernetes.io/name': 'checkout', tier: '0' });
  const spec = pod['spec'] as JsonObject;
  const [container] = spec['containers'] as JsonObject[];
  const env = [{ name: 'STOREFRONT_URL', value: 'https://storefront.prod.svc.cluster.local:443/v1' }];
  const containers = [{ ...container, name: 'app', env }];
  return client.create(pathOf('shop', 'pods'), { ...pod, spec: { ...spec, containers } });
}

async function eventsOf(namespace: string, name: string): Promise<string[]> {
  const { items } = found(await client.get(pathOf(namespace, 'events'))) as { items: JsonObject[] };
  return items
    .filter(({ involvedObject }) => (involvedObject as JsonObject)['name'] === name)
    .map(({ message }) => String(message));
}

describe('two releases in one cluster', () => {
  it('each inject and speak of their own pods alone', async () => {
    expect(isInjected(await createWiki('one'))).toBe(true);
    expect(isInjected(await createShop('one'))).toBe(true);
    for (const namespace of ['changeprop', 'shop'])
      await until('the pod is told', async () => (await eventsOf(namespace, 'one')).length > 0);
    expect(await eventsOf('changeprop', 'one')).toEqual([
      expect.stringContaining('100 % of test.wikipedia.org on mw-api-int'),
    ]);
    expect(await eventsOf('shop', 'one')).toEqual([
      expect.stringContaining('25 % of no.shop.example, www.no.shop.example on storefront'),
    ]);
  });

  it('leave each other’s objects alone', async () => {
    const path = pathOf('shop', 'configmaps', SHOP);
    const before = JSON.stringify(await client.get(path));
    await wiki.upgrade(['--set', 'share=1']);
    const share = async () => {
      const map = found(await client.get(pathOf('changeprop', 'configmaps', CHANGEPROP)));
      return (map['data'] as JsonObject)['share'];
    };
    await until('the share is written', async () => (await share()) === '1');
    expect(JSON.stringify(await client.get(path))).toBe(before);
    for (const release of [wiki, shop]) expect(await metric(release, 'shunt_repairs_total')).toBe(0);
  });

  it('may go one without the other; with Helm 4 too', async () => {
    await shop.upgrade(['--set', 'share=50'], '4');
    const event = async () => (await eventsOf('shop', 'one')).some((text) => text.includes('50 % of'));
    await until('the pod is told', event);
    await wiki.uninstall('4');
    expect(isInjected(await createWiki('two'))).toBe(false);
    expect(isInjected(await createShop('two'))).toBe(true);
    expect(await exists(CHANGEPROP)).toBe(true);
    await shop.uninstall();
    expect(isInjected(await createShop('three'))).toBe(false);
  });
});

describe('a release in another namespace, of a diversion that another release kept', () => {
  const path = pathOf('changeprop', 'configmaps', CHANGEPROP);
  const owner = async () => annotationsOf(await client.get(path))['shunt.wikimedia.org/owner'];
  let moved: Release;
  let added: Promise<unknown>;
  afterAll(async () => {
    await moved?.stop();
  });

  it('leaves alone what the first one kept, says so and is not ready', async () => {
    const before = await client.get(path);
    moved = await Release.install(api, 0, { namespace: 'shunt-moved', values: ['--set', 'share=7'] });
    added = moved.add();
    await until('it runs', async () => moved.replicas.size === 1);
    const conflicts = () =>
      metric(moved, 'shunt_conflicts_total', 'kind="ConfigMap",whose="another-release"');
    await until('it says so', async () => (await conflicts()) === 1);
    const writes = await metric(moved, 'shunt_writes_total');
    await sleep(3_000);
    expect(await client.get(path)).toEqual(before);
    expect(await metric(moved, 'shunt_writes_total')).toBe(writes);
    expect(await metric(moved, 'shunt_another_release')).toBe(1);
    const [replica] = moved.replicas;
    const readyz = await fetch(`http://127.0.0.1:${replica?.healthPort}/readyz`);
    expect([readyz.status, await readyz.text()]).toEqual([
      503,
      expect.stringContaining('is kept by the release shunt-system/pretrain-shunt-shunt: uninstall one'),
    ]);
    expect(await eventsOf('shunt-moved', `${moved.name}-diversion`)).toEqual([
      expect.stringMatching(/^Not ready: everything of the diversion testwiki is kept by/),
    ]);
  });

  it('takes it over, and leads running pods, once the owner is taken off', async () => {
    await moved.run(['annotate', '-n', 'changeprop', 'configmap', CHANGEPROP, 'shunt.wikimedia.org/owner-']);
    await until('it is taken over', async () => (await owner()) === 'shunt-moved/pretrain-shunt-shunt');
    await added;
    const map = found(await client.get(path));
    expect((map['data'] as JsonObject)['share']).toBe('7');
  });
});
