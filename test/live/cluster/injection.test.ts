import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { annotationsOf, changepropPod, isInjected, makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { furtherPath, hasFurther } from '../../fixtures/further-inputs.ts';
import { fixturePod, found } from '../../fixtures/read.ts';

/** A Deployment of the pod that is a fixture, as its chart would render it. */
function ownDeployment(name: 'changeprop' | 'jobqueue'): JsonObject {
  const { metadata, spec } = fixturePod(name);
  const { labels, annotations } = metadata as JsonObject;
  const { 'pod-template-hash': _hash, ...own } = labels as Record<string, string>;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'own', labels: own },
    spec: {
      replicas: 2,
      selector: { matchLabels: own },
      template: { metadata: { labels: own, annotations }, spec: spec as unknown as JsonObject },
    },
  };
}

/** The Deployment among rendered manifests. */
function deploymentIn(file: string): JsonObject {
  const documents = parseAllDocuments(readFileSync(furtherPath(file), 'utf8'), { merge: true });
  const objects = (documents as { toJS: () => JsonObject }[]).map((document) => document.toJS());
  return found(objects.find((object) => object?.['kind'] === 'Deployment'));
}

/** Our own, and those of today's services where these lie beside the checkout. */
const DEPLOYMENTS = [
  ...(['changeprop', 'changeprop-jobqueue'] as const).map((namespace) => ({
    namespace,
    which: 'our own',
    deployment: () => ownDeployment(namespace === 'changeprop' ? 'changeprop' : 'jobqueue'),
  })),
  ...['changeprop', 'changeprop-jobqueue']
    .map((namespace) => ({ namespace, file: `manifests/${namespace}.yaml` }))
    .filter(({ file }) => hasFurther(file))
    .map(({ namespace, file }) => ({
      namespace,
      which: 'as rendered today',
      deployment: () => deploymentIn(file),
    })),
];

let api: ApiServer;
let client: ApiClient;
let release: Release;

beforeAll(async () => {
  api = await startApiServer({ controllerManager: true });
  client = new ApiClient(api, api.adminToken);
  release = await Release.install(api, 2);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});

const createPod = (name: string, namespace: string, labels: JsonObject = {}) =>
  client.send({
    method: 'POST',
    path: pathOf(namespace, 'pods'),
    body: changepropPod(name, namespace, labels),
  });

/** A pod without what differs from one creation to the next. */
function lasting({ metadata, spec }: JsonObject): string {
  const { labels, annotations } = metadata as JsonObject;
  const shown = JSON.stringify({ labels, annotations, spec });
  return shown.replaceAll(/kube-api-access-\w+/g, 'kube-api-access');
}

async function podsOf(namespace: string): Promise<JsonObject[]> {
  const list = found(await client.get(pathOf(namespace, 'pods')));
  return list['items'] as JsonObject[];
}

async function wouldInject(): Promise<boolean> {
  const path = `${pathOf('changeprop', 'pods')}?dryRun=All`;
  return isInjected(await client.create(path, changepropPod('probe', 'changeprop')));
}

async function hasAccount(namespace: string): Promise<void> {
  const path = pathOf(namespace, 'serviceaccounts', 'default');
  await until(
    `the ServiceAccount of ${namespace} is there`,
    async () => (await client.get(path)) !== undefined,
  );
}

describe('in a namespace that opted in, with Pod Security and limits', () => {
  // The first test makes this one.
  const spaces = new Set(['changeprop']);

  it('pods of a workload are created with the sidecar', async () => {
    await makeSpace(client, 'mobileapps');
    await makeSpace(client, 'changeprop');
    await hasAccount('changeprop');
    const created = await createPod('injected', 'changeprop');
    expect(created.message).toBe('');
    expect(isInjected(created.body)).toBe(true);
    expect(annotationsOf(created.body)['shunt.wikimedia.org/status']).toBe('injected');
  });

  it('pods that opted out, and those of other apps, are left as they are', async () => {
    for (const labels of [{ 'shunt.wikimedia.org/inject': 'disabled' }, { app: 'other' }]) {
      const { status, body } = await createPod(`left-${Object.values(labels)}`, 'changeprop', labels);
      expect(status).toBe(201);
      expect(isInjected(body)).toBe(false);
    }
  });

  it.each(DEPLOYMENTS)('the Deployment of $namespace, $which, gets pods with the sidecar', async (one) => {
    const { namespace, deployment } = one;
    if (!spaces.has(namespace)) await makeSpace(client, namespace);
    spaces.add(namespace);
    await hasAccount(namespace);
    const created = await client.create(pathOf(namespace, 'deployments'), deployment());
    const mine = async () =>
      (await podsOf(namespace)).filter(({ metadata }) => 'ownerReferences' in (metadata as JsonObject));
    await until('its pods are there', async () => (await mine()).some(isInjected));
    await until('every one of them is injected', async () => (await mine()).every(isInjected));
    const { name } = created['metadata'] as { name: string };
    await client.delete(pathOf(namespace, 'deployments', name));
  });
});

describe('everywhere else', () => {
  const ELSEWHERE = ['plain', 'kube-system', 'shunt-system', 'opted-in-but-not-declared'];
  const before = new Map<string, string>();

  it('pods are the same, byte for byte, whether the webhook is registered or not', async () => {
    await makeSpace(client, 'plain', false);
    await makeSpace(client, 'opted-in-but-not-declared');
    for (const namespace of ELSEWHERE) {
      await hasAccount(namespace);
      const { status, body } = await createPod('with', namespace);
      expect(status).toBe(201);
      before.set(namespace, lasting(body));
    }
    const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${release.registration}`;
    const registration = found(await client.get(path));
    await client.delete(path);
    await until('nothing is injected any more', async () => !(await wouldInject()));
    for (const namespace of ELSEWHERE) {
      const { body } = await createPod('without', namespace);
      expect(lasting(body)).toBe(before.get(namespace));
    }
    const { resourceVersion: _, uid: __, ...metadata } = registration['metadata'] as JsonObject;
    await client.create(path.slice(0, path.lastIndexOf('/')), { ...registration, metadata });
    await until('pods are injected again', wouldInject);
  });

  it('pods are created as ever when all replicas are dead, and none where the namespace opted in', async () => {
    for (const replica of [...release.replicas]) await release.remove(replica, 'SIGKILL');
    for (const namespace of ELSEWHERE) {
      const { status, body } = await createPod('dead', namespace);
      expect(status).toBe(201);
      expect(lasting(body)).toBe(before.get(namespace));
    }
    const refused = await createPod('dead', 'changeprop');
    expect(refused.status).toBe(500);
    expect(refused.message).toContain('failed calling webhook');
    expect((await createPod('other', 'changeprop', { app: 'other' })).status).toBe(201);
  });
});
