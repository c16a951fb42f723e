import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { metric } from '../../cluster/metrics.ts';
import { annotationsOf, CHANGEPROP, changepropPod, makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { found } from '../../fixtures/read.ts';

const NS = 'changeprop';
const TENANT = 'tenant-b';
const OWNER = 'shunt.wikimedia.org/owner';
const SETTLED_MS = 4_000;

let api: ApiServer;
let client: ApiClient;
let release: Release;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  const values = ['--set', 'networkPolicy.egress=always'];
  release = await Release.install(api, 2, { values, flags: ['--network-policy', 'always'] });
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});

const map = (labels: JsonObject = {}, more: JsonObject = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: CHANGEPROP, labels },
  data: { theirs: 'x' },
  ...more,
});

/** Everything of a namespace that the program could have written. */
async function writtenIn(namespace: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    ['configmaps', 'networkpolicies', 'events'].map((plural) => client.get(pathOf(namespace, plural))),
  );
  return lists
    .flatMap((list) => (list as { items: JsonObject[] }).items)
    .map(({ metadata }) => String((metadata as JsonObject)['name']))
    .filter((name) => name !== 'kube-root-ca.crt');
}

async function eventsOf(name: string): Promise<readonly string[]> {
  const { items } = found(await client.get(pathOf(NS, 'events'))) as { items: JsonObject[] };
  return items
    .filter(({ involvedObject }) => (involvedObject as JsonObject)['name'] === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
}

const mounting = (name: string, configMap: string) => ({
  metadata: { name, labels: { app: 'changeprop' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'x' }],
    volumes: [{ name: 'v', configMap: { name: configMap, optional: true } }],
  },
});

describe('a pod that mounts a ConfigMap of our name', () => {
  it.each([
    ['in a namespace that never opted in', TENANT, {}],
    [
      'in one with the label that no workload is for',
      'tenant-c',
      { 'shunt.wikimedia.org/inject': 'enabled' },
    ],
    ['in a declared one that never opted in', 'mobileapps', {}],
  ])('%s makes nothing be written there', async (_, namespace, labels) => {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    await client.send({ method: 'POST', path: '/api/v1/namespaces', body });
    const before = await writtenIn(namespace);
    for (const name of ['shunt.testwiki.jobqueue', 'shunt.testwiki.mobileapps', CHANGEPROP])
      await client.create(pathOf(namespace, 'pods'), mounting(name.replaceAll('.', '-'), name));
    await sleep(SETTLED_MS);
    expect(await writtenIn(namespace)).toEqual(before);
  });
});

describe('a ConfigMap of our name that somebody made', () => {
  it('is left alone where it is not marked, and the pod that waits for it is told', async () => {
    await client.create(pathOf(NS, 'configmaps'), map());
    const before = await client.get(pathOf(NS, 'configmaps', CHANGEPROP));
    await makeSpace(client, NS);
    await client.create(pathOf(NS, 'pods'), changepropPod('waits', NS));
    await until('it is said', async () => (await eventsOf('waits')).length > 0);
    expect(await eventsOf(CHANGEPROP)).toEqual([
      expect.stringContaining('kubectl -n changeprop delete configmap shunt.testwiki.changeprop'),
    ]);
    expect(await eventsOf('waits')).toEqual([
      expect.stringMatching(/^NotDiverted: Not diverted as declared/),
    ]);
    await release.upgrade(['--set', 'share=50']);
    await sleep(1_000);
    expect(await client.get(pathOf(NS, 'configmaps', CHANGEPROP))).toEqual(before);
    expect(await metric(release, 'shunt_conflicts_total')).toBe(2);
  });

  it('gives way once it is deleted, and then it is said what is written for the pod', async () => {
    await client.delete(pathOf(NS, 'configmaps', CHANGEPROP));
    const owner = async () => annotationsOf(await client.get(pathOf(NS, 'configmaps', CHANGEPROP)))[OWNER];
    await until('ours is there', async () => (await owner()) === 'shunt-system/pretrain-shunt-shunt');
    await until('the pod is told', async () =>
      (await eventsOf('waits')).some((text) => /^NotConfirmed: .*: 50 % of/.test(text)),
    );
  });

  it('is left alone where another release marked it', async () => {
    await client.patch(pathOf(NS, 'configmaps', CHANGEPROP), {
      metadata: { annotations: { [OWNER]: 'elsewhere/other' } },
      data: { share: '7' },
    });
    await sleep(1_500);
    const now = found(await client.get(pathOf(NS, 'configmaps', CHANGEPROP)));
    expect([annotationsOf(now)[OWNER], (now['data'] as JsonObject)['share']]).toEqual([
      'elsewhere/other',
      '7',
    ]);
    await client.delete(pathOf(NS, 'configmaps', CHANGEPROP));
  });

  it('is refused by the API server itself to who holds the token', async () => {
    await until(
      'ours is there',
      async () => (await client.get(pathOf(NS, 'configmaps', CHANGEPROP))) !== undefined,
    );
    await client.patch(pathOf(NS, 'configmaps', CHANGEPROP), { metadata: { labels: null } });
    const token = (await release.run(['create', 'token', release.name, '-n', release.namespace])).trim();
    const held = new ApiClient(api, token);
    const path = pathOf(NS, 'configmaps', CHANGEPROP);
    const contentType = 'application/merge-patch+json';
    for (const call of [
      { method: 'DELETE', path } as const,
      { method: 'PATCH', path, contentType, body: { data: { share: '1' } } } as const,
    ])
      expect(await held.send(call)).toMatchObject({
        status: 422,
        message: expect.stringContaining('only what carries the mark of this release'),
      });
    held.close();
    await client.delete(path);
  });
});

describe('a ConfigMap that cannot be written', () => {
  it('for a quota is told with the words of the API server, and no pod is said to divert', async () => {
    const namespace = 'rest-gateway';
    await client.create(pathOf(namespace, 'resourcequotas'), {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'maps' },
      spec: { hard: { configmaps: '0' } },
    });
    await client.send({
      method: 'PATCH',
      path: `${pathOf(namespace, 'resourcequotas', 'maps')}/status`,
      contentType: 'application/merge-patch+json',
      body: { status: { hard: { configmaps: '0' }, used: { configmaps: '0' } } },
    });
    await sleep(500);
    await client.patch(`/api/v1/namespaces/${namespace}`, {
      metadata: { labels: { 'shunt.wikimedia.org/inject': 'enabled' } },
    });
    const told = async () => {
      const { items } = found(await client.get(pathOf(namespace, 'events'))) as { items: JsonObject[] };
      return items.map(({ reason, message }) => `${reason}: ${message}`);
    };
    await until('it is told', async () => (await told()).length > 0);
    expect((await told()).join('\n')).toMatch(/^NotWritten: .*exceeded quota: maps/);
  });

  it('since it is frozen and held by a finalizer is told, and tried less and less', async () => {
    const namespace = 'changeprop-jobqueue';
    const name = 'shunt.testwiki.jobqueue';
    const labels = {
      'app.kubernetes.io/managed-by': 'pretrain-shunt',
      'shunt.wikimedia.org/diversion': 'testwiki',
    };
    await client.create(pathOf(namespace, 'configmaps'), {
      ...map(labels, { immutable: true }),
      metadata: { name, labels, finalizers: ['example.org/kept'] },
    });
    await client.patch(`/api/v1/namespaces/${namespace}`, {
      metadata: { labels: { 'shunt.wikimedia.org/inject': 'enabled' } },
    });
    await sleep(8_000);
    const { items } = found(await client.get(pathOf(namespace, 'events'))) as { items: JsonObject[] };
    expect(items.map(({ reason }) => reason)).toContain('NotWritten');
    const before = await metric(release, 'shunt_kube_failures_total');
    await sleep(8_000);
    // Two replicas, each at most every four seconds by then.
    expect((await metric(release, 'shunt_kube_failures_total')) - before).toBeLessThanOrEqual(10);
    await client.patch(pathOf(namespace, 'configmaps', name), { metadata: { finalizers: null } });
    await until('ours is there', async () => {
      const now = await client.get(pathOf(namespace, 'configmaps', name));
      return annotationsOf(now)[OWNER] !== undefined;
    });
  });
});
