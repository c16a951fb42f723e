import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { shunt, temporaryFolder } from '../../cli/run.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { metric } from '../../cluster/metrics.ts';
import { annotationsOf, CHANGEPROP, changepropPod, makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { diversionText } from '../../fixtures/diversions.ts';
import { found } from '../../fixtures/read.ts';

const SPACES = Array.from({ length: 10 }, (_, index) => `changeprop-${index}`);
const PODS_IN_EACH = 10;
/** The aim is 5 s; a machine that does other things besides may take longer. */
const WITHIN_MS = 15_000;
const REVISION = 'shunt.wikimedia.org/revision';
const WRITTEN = 'shunt.wikimedia.org/written';

let api: ApiServer;
let client: ApiClient;
let release: Release;

beforeAll(async () => {
  const folder = temporaryFolder();
  const declared: [string, string] = ['namespaces: [changeprop]', `namespaces: [${SPACES.join(', ')}]`];
  writeFileSync(path.join(folder, 'diversion.yaml'), diversionText(declared));
  const chart = path.join(folder, 'chart');
  const generated = await shunt(['generate', '-d', path.join(folder, 'diversion.yaml'), '--out', chart]);
  expect(generated).toMatchObject({ code: 0 });
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  release = await Release.install(api, 2, { chart });
  await Promise.all(
    SPACES.map(async (namespace) => {
      await makeSpace(client, namespace);
      for (let index = 0; index < PODS_IN_EACH; index++) await createPod(namespace, `p${index}`);
    }),
  );
  await until('every ConfigMap is there', async () => (await revisions()).every((one) => one !== undefined));
  // A pod that is younger than the ConfigMap has read it.
  await sleep(2_500);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});

const createPod = (namespace: string, name: string) =>
  client.create(pathOf(namespace, 'pods'), changepropPod(name, namespace));

function revisions(): Promise<(string | undefined)[]> {
  const read = async (namespace: string) =>
    annotationsOf(await client.get(pathOf(namespace, 'configmaps', CHANGEPROP)))[REVISION];
  return Promise.all(SPACES.map(read));
}

async function allPods(): Promise<JsonObject[]> {
  return found(await client.get('/api/v1/pods'))['items'] as JsonObject[];
}

const patches = () => metric(release, 'shunt_writes_total', 'kind="Pod"');

/** How many pods were patched, once none has been for a while. */
async function settledPatches(): Promise<number> {
  let last = await patches();
  for (;;) {
    await sleep(1_500);
    const now = await patches();
    if (now === last) return now;
    last = now;
  }
}

describe('a new share', () => {
  /** Pods that were there before their ConfigMap have been led to it. */
  let atFirst = 0;

  it('is in every ConfigMap, and every pod led to it, within seconds of helm’s return', async () => {
    atFirst = await settledPatches();
    const before = await allPods();
    const [old] = await revisions();
    await release.upgrade(['--set', 'share=0']);
    const returned = Date.now();
    let written = 0;
    await until(
      'every pod is patched',
      async () => {
        const now = await revisions();
        if (written === 0 && now.every((one) => one !== old)) written = Date.now() - returned;
        return (await allPods()).every((pod) => annotationsOf(pod)[WRITTEN] === now[0] && now[0] !== old);
      },
      WITHIN_MS,
    );
    console.info(
      `after helm’s return: ConfigMaps ${written} ms, last of 100 pods ${Date.now() - returned} ms`,
    );
    const data = found(await client.get(pathOf('changeprop-0', 'configmaps', CHANGEPROP)))['data'];
    expect((data as JsonObject)['share']).toBe('0');
    const specs = (pods: readonly JsonObject[]) => pods.map(({ spec }) => JSON.stringify(spec)).sort();
    expect(specs(await allPods())).toEqual(specs(before));
  });

  it('is written once for each pod, and not for pods that are created after it', async () => {
    const before = await settledPatches();
    console.info(`patches for ${SPACES.length * PODS_IN_EACH} pods by two replicas: ${before - atFirst}`);
    // Both replicas may have been on their way.
    expect(before - atFirst).toBeLessThanOrEqual(2 * SPACES.length * PODS_IN_EACH);
    await createPod('changeprop-0', 'new');
    await sleep(1_500);
    expect(annotationsOf(await client.get(pathOf('changeprop-0', 'pods', 'new')))[WRITTEN]).toBeUndefined();
    expect(await patches()).toBe(before);
  });
});

describe('the account of the controller', () => {
  it('may change nothing on a pod but those annotations', async () => {
    const token = await release.run(['create', 'token', release.name, '-n', release.namespace]);
    const account = new ApiClient(api, token.trim());
    const send = (body: JsonObject) =>
      account.send({
        method: 'PATCH',
        path: pathOf('changeprop-0', 'pods', 'p0'),
        body,
        contentType: 'application/merge-patch+json',
      });
    expect((await send({ metadata: { annotations: { [WRITTEN]: 'x' } } })).status).toBe(200);
    for (const body of [
      { metadata: { annotations: { other: 'x' } } },
      { metadata: { annotations: { 'shunt.wikimedia.org/status': null } } },
      { metadata: { labels: { app: 'x' } } },
      { metadata: { finalizers: ['shunt.example/x'] } },
      { metadata: { ownerReferences: null } },
      { spec: { activeDeadlineSeconds: 1 } },
    ]) {
      const { status, message } = await send(body);
      expect(message).toContain('pretrain-shunt may');
      expect(status).toBe(422);
    }
    account.close();
  });
});
