import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { metric } from '../../cluster/metrics.ts';
import { annotationsOf, CHANGEPROP, makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { PodStream } from '../../cluster/pod-stream.ts';
import { Release, until } from '../../cluster/release.ts';
import { found } from '../../fixtures/read.ts';

const NS = 'changeprop';
const STREAM_NS = 'changeprop-jobqueue';
const WITHIN_MS = 5_000;
const CONFIG_MAP = pathOf(NS, 'configmaps', CHANGEPROP);
const POLICY = pathOf(NS, 'networkpolicies', CHANGEPROP);

let api: ApiServer;
let client: ApiClient;
let release: Release;
let stream: PodStream;
let repairs: number;
let toldBefore: ReadonlySet<string>;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  const values = ['--set', 'networkPolicy.egress=always'];
  // The settling is that of production: nothing may depend on its being short.
  const flags = ['--network-policy', 'always'];
  release = await Release.install(api, 2, { values, flags });
  for (const namespace of [NS, STREAM_NS]) await makeSpace(client, namespace);
  await until('what the pods need is there', async () => (await client.get(POLICY)) !== undefined);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});
beforeEach(async () => {
  repairs = await metric(release, 'shunt_repairs_total');
  const events = await repairEvents();
  toldBefore = new Set(events.map(({ metadata }) => String((metadata as JsonObject)['name'])));
  stream = new PodStream(client, { namespace: STREAM_NS, atOnce: 1, restMs: 5 });
  await stream.more(5);
});
afterEach(async () => {
  await stream.end();
});

async function repairEvents(): Promise<JsonObject[]> {
  const { items } = found(await client.get('/api/v1/events')) as { items: JsonObject[] };
  return items.filter(({ reason }) => reason === 'Repaired');
}

/** Waits until what is at the path is put right, and the word of it out; gives the creations refused meanwhile. */
async function repaired(path: string, isRight: () => Promise<boolean>) {
  await until(`${path} is put right`, isRight, WITHIN_MS);
  await until('it is counted', async () => (await metric(release, 'shunt_repairs_total')) > repairs, 1_000);
  await stream.more(20);
  const { uninjected, refused } = await stream.end();
  const { uid } = found(await client.get(path))['metadata'] as JsonObject;
  const isNew = ({ metadata }: JsonObject) => !toldBefore.has(String((metadata as JsonObject)['name']));
  const told = (await repairEvents()).filter(isNew);
  // Two replicas may each have put one half of it right.
  const subjects = told.map(({ involvedObject }) => (involvedObject as JsonObject)['uid']);
  expect(subjects).toContain(uid);
  expect(subjects.length).toBeLessThanOrEqual(2);
  expect(uninjected).toEqual([]);
  return refused;
}

const specOf = async (path: string) => (await client.get(path))?.['spec'];
const dataOf = async (path: string) => JSON.stringify((await client.get(path))?.['data']);

describe('the ConfigMap is put right', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['edited to garbage', () => client.patch(CONFIG_MAP, { data: { 'rds.mw-api-int.yaml': 'garbage' } })],
    [
      'given another key',
      () => client.patch(CONFIG_MAP, { data: { foreign: 'x' }, binaryData: { b: 'eA==' } }),
    ],
    ['deprived of a key', () => client.patch(CONFIG_MAP, { data: { 'lds.yaml': null } })],
    ['edited and made immutable', () => client.patch(CONFIG_MAP, { immutable: true, data: { share: '7' } })],
    ['deleted', () => client.delete(CONFIG_MAP)],
  ])('when %s', async (_, harm) => {
    const before = await client.get(CONFIG_MAP);
    await harm();
    const refused = await repaired(CONFIG_MAP, async () => {
      const now = await client.get(CONFIG_MAP);
      return (
        JSON.stringify(now?.['data']) === JSON.stringify(before?.['data']) &&
        now?.['binaryData'] === undefined &&
        annotationsOf(now)['shunt.wikimedia.org/revision'] ===
          annotationsOf(before)['shunt.wikimedia.org/revision']
      );
    });
    expect([...refused]).toEqual([]);
  });
});

describe('the NetworkPolicy is put right', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['edited', () => client.patch(POLICY, { spec: { egress: [] } })],
    ['widened', () => client.patch(POLICY, { spec: { policyTypes: ['Egress', 'Ingress'], ingress: [{}] } })],
    ['deleted', () => client.delete(POLICY)],
  ])('when %s', async (_, harm) => {
    const before = JSON.stringify(await specOf(POLICY));
    await harm();
    const refused = await repaired(POLICY, async () => JSON.stringify(await specOf(POLICY)) === before);
    expect([...refused]).toEqual([]);
  });
});

describe('trust is put right', () => {
  const secret = () => pathOf(release.namespace, 'secrets', `${release.name}-authority`);

  it.each<[string, () => Promise<unknown>]>([
    ['overwritten with garbage', () => client.patch(secret(), { data: { 'ca.crt': 'Z2FyYmFnZQ==' } })],
    ['emptied', () => client.patch(secret(), { data: null })],
  ])('when the authority is %s', async (_, harm) => {
    const before = await dataOf(secret());
    await harm();
    const refused = await repaired(secret(), async () => {
      const { data = {} } = (await client.get(secret())) ?? {};
      return JSON.stringify(data) !== before && String((data as JsonObject)['ca.crt'] ?? '').length > 100;
    });
    expect([...refused]).toEqual([]);
  });

  it.each([
    ['emptied', ''],
    ['replaced by garbage', Buffer.from('garbage').toString('base64')],
  ])('when the caBundle is %s; who creates a pod in that moment is refused', async (what, value) => {
    const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${release.registration}`;
    const body = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }];
    const contentType = 'application/json-patch+json';
    expect((await client.send({ method: 'PATCH', path, body, contentType })).status).toBe(200);
    const refused = await repaired(path, async () => {
      const { webhooks } = (await client.get(path)) as {
        webhooks: { clientConfig: { caBundle?: string } }[];
      };
      const { data } = (await client.get(secret())) as { data: JsonObject };
      const authority = Buffer.from(String(data['ca.crt']), 'base64').toString().trim();
      return Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').includes(authority);
    });
    for (const reason of refused.keys()) expect(reason).toMatch(/x509|unable to load root certificates/);
    console.info(`creations refused around a caBundle ${what}: ${[...refused.values()]}`);
  });
});

describe('a diversion that cannot be read', () => {
  const configMap = () => pathOf(release.namespace, 'configmaps', `${release.name}-diversion`);

  it('leaves the last good one in force, and is told of; a good one after it is taken', async () => {
    const { data } = found(await client.get(configMap())) as { data: { 'diversion.yaml': string } };
    const good = data['diversion.yaml'];
    const before = await dataOf(CONFIG_MAP);
    // The API server refuses such a text; it gets past it where somebody has removed the registration.
    await client.delete(
      `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${release.registration}`,
    );
    const bad = { data: { 'diversion.yaml': good.replace('share: 100', 'share: 101') } };
    await until('it is written', () =>
      client.patch(configMap(), bad).then(
        () => true,
        () => false,
      ),
    );
    await until('it is counted', async () => (await metric(release, 'shunt_diversion_rejected_total')) === 2);
    const shown = await release.run([
      'describe',
      'configmap',
      `${release.name}-diversion`,
      '-n',
      release.namespace,
    ]);
    expect(shown).toMatch(/Warning +DiversionRejected .*share/);
    await sleep(500);
    expect(await dataOf(CONFIG_MAP)).toBe(before);
    await client.patch(configMap(), { data: { 'diversion.yaml': good.replace('share: 100', 'share: 50') } });
    await until('the good one is taken', async () => (await dataOf(CONFIG_MAP)) !== before, WITHIN_MS);
    await stream.more(5);
    expect([...(await stream.end()).refused]).toEqual([]);
    expect(await metric(release, 'shunt_repairs_total')).toBe(repairs);
  });
});
