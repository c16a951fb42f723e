import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { metric } from '../../cluster/metrics.ts';
import {
  annotationsOf,
  CHANGEPROP,
  changepropPod,
  label,
  makeSpace,
  pathOf,
} from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';

const SECOND_MS = 1_000;
const NS = 'changeprop';
const CONFIG_MAP = pathOf(NS, 'configmaps', CHANGEPROP);
const POLICY = pathOf(NS, 'networkpolicies', CHANGEPROP);

let api: ApiServer;
let client: ApiClient;
let release: Release;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  release = await Release.install(api, 2);
  await makeSpace(client, NS, false);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});

const exists = async (path: string) => (await client.get(path)) !== undefined;
const gone = async (path: string) => !(await exists(path));
it('of a declared namespace has an event in it where its label means nothing', async () => {
  await label(client, NS, 'true');
  const reasons = async () => {
    const list = (await client.get(pathOf(NS, 'events')))?.['items'] as readonly JsonObject[] | undefined;
    return (list ?? []).map(({ reason }) => reason);
  };
  await until('it is told of', async () => (await reasons()).includes('LabelNotUnderstood'));
  expect(await exists(CONFIG_MAP)).toBe(false);
});

const createPod = (name: string) => client.create(pathOf(NS, 'pods'), changepropPod(name, NS));

describe('a namespace', () => {
  it('has what its pods need within a second of its label', async () => {
    await label(client, NS, 'enabled');
    await until('its ConfigMap is there', () => exists(CONFIG_MAP), SECOND_MS);
    const revision = annotationsOf(await client.get(CONFIG_MAP))['shunt.wikimedia.org/revision'];
    expect(revision).toMatch(/^[0-9a-f]{12}$/);
  });

  it('keeps it without the label while a pod needs it, and no longer', async () => {
    await createPod('last');
    await label(client, NS, null);
    await sleep(SECOND_MS);
    expect(await exists(CONFIG_MAP)).toBe(true);
    await client.delete(pathOf(NS, 'pods', 'last'));
    await until('its ConfigMap is gone', () => gone(CONFIG_MAP), SECOND_MS);
  });

  it('loses it with the label when no pod needs it', async () => {
    await label(client, NS, 'enabled');
    await until('its ConfigMap is there', () => exists(CONFIG_MAP));
    await label(client, NS, null);
    await until('its ConfigMap is gone', () => gone(CONFIG_MAP), SECOND_MS);
    expect(await metric(release, 'shunt_repairs_total')).toBe(0);
  });

  it('may end: nothing is tried again and again in one that does', async () => {
    const namespace = 'changeprop-jobqueue';
    const configMap = pathOf(namespace, 'configmaps', 'shunt.testwiki.jobqueue');
    await makeSpace(client, namespace);
    await until('its ConfigMap is there', () => exists(configMap));
    await client.create(pathOf(namespace, 'pods'), changepropPod('ends', namespace));
    await client.delete(`/api/v1/namespaces/${namespace}`);
    const failures = await metric(release, 'shunt_kube_failures_total');
    // What the controllers of a whole cluster do in a namespace that ends; none run here.
    await client.delete(pathOf(namespace, 'pods', 'ends'));
    await client.delete(configMap);
    await sleep(2 * SECOND_MS);
    expect((await metric(release, 'shunt_kube_failures_total')) - failures).toBeLessThanOrEqual(2);
    expect(await gone(configMap)).toBe(true);
  });
});

describe('the NetworkPolicy', () => {
  const restricting = (name: string, matchLabels: JsonObject) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: NS },
    spec: { podSelector: { matchLabels }, policyTypes: ['Egress'], egress: [] },
  });
  const policies = pathOf(NS, 'networkpolicies');

  it('is added only once another restricts every pod that it is for, and goes with that', async () => {
    await label(client, NS, 'enabled');
    await until('its ConfigMap is there', () => exists(CONFIG_MAP));
    await createPod('restricted');
    await client.create(policies, restricting('of-others', { app: 'other' }));
    await client.create(policies, restricting('of-one-release', { app: 'changeprop', release: 'canary' }));
    await sleep(SECOND_MS);
    expect(await gone(POLICY)).toBe(true);
    await client.create(policies, restricting('of-all', { app: 'changeprop' }));
    await until('ours is there', () => exists(POLICY), SECOND_MS);
    const { spec } = (await client.get(POLICY)) as { spec: { egress: JsonObject[] } };
    expect(JSON.stringify(spec.egress)).toContain('10.2.1.70/32');
    await client.delete(`${policies}/of-all`);
    await until('ours is gone', () => gone(POLICY), SECOND_MS);
  });

  it('is always there where that is asked for', async () => {
    for (const replica of [...release.replicas]) await release.remove(replica, 'SIGKILL');
    release.flags = ['--network-policy', 'always'];
    await release.scale(1);
    await until('ours is there', () => exists(POLICY));
  });
});
