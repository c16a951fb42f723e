import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { changepropPod, isInjected, makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { found } from '../../fixtures/read.ts';

const NS = 'changeprop';
const FILE = 'diversion.yaml';

let api: ApiServer;
let client: ApiClient;
let release: Release;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  release = await Release.install(api, 1);
  await makeSpace(client, NS);
  await until('the registration trusts the replicas', async () => (await edit('garbage')).status === 422);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});

const place = (suffix = '') => pathOf(release.namespace, 'configmaps', `${release.name}-diversion${suffix}`);
const textOf = async (path: string) =>
  String((found(await client.get(path))['data'] as JsonObject | undefined)?.[FILE] ?? '');

/** Writes the text as that tool does. */
function edit(text: string, manager = 'kubectl-edit') {
  return client.send({
    method: 'PATCH',
    path: `${place()}?fieldManager=${manager}`,
    contentType: 'application/merge-patch+json',
    body: { data: { [FILE]: text } },
  });
}

const withShare = async (share: number) => (await textOf(place())).replace(/^( *share:).*$/m, `$1 ${share}`);

describe('the diversion in the cluster', () => {
  it('is refused at once when it cannot be read, by the API server, with what is wrong', async () => {
    const before = await textOf(place());
    for (const manager of ['kubectl-edit', 'helm', ''])
      expect(await edit(await withShare(150), manager)).toMatchObject({
        status: 422,
        message: expect.stringMatching(
          /denied the request: shunt: this diversion cannot be read.*spec\.share/,
        ),
      });
    expect(await textOf(place())).toBe(before);
  });

  it('is written when it can be read, and kept as the last good one', async () => {
    const text = await withShare(30);
    expect((await edit(text)).status).toBe(200);
    await until('it is kept', async () => (await textOf(place('-last-good'))) === text);
  });

  it('is all that is asked about: other ConfigMaps there are written without', async () => {
    const body = { metadata: { name: 'other' }, data: { [FILE]: 'garbage' } };
    expect(
      (await client.send({ method: 'POST', path: pathOf(release.namespace, 'configmaps'), body })).status,
    ).toBe(201);
  });
});

describe('while no replica runs', () => {
  it('an edit is refused, and a rollout goes on, with Helm 3 and 4', async () => {
    await release.scale(0);
    const { status, message } = await edit(await withShare(40));
    expect([status, message]).toEqual([500, expect.stringContaining('failed calling webhook')]);
    for (const version of ['3', '4'] as const) {
      const share = Number(version);
      await release.upgrade(['--set', `share=${share}`], version);
      expect(await textOf(place())).toMatch(new RegExp(`share: ${share}$`, 'm'));
    }
  });

  it('garbage may get in, and a replica that starts uses the last good text: pods are created', async () => {
    await release.scale(1);
    const good = await textOf(place());
    await until('it is kept', async () => (await textOf(place('-last-good'))) === good);
    await release.scale(0);
    expect((await edit('garbage', 'helm')).status).toBe(200);
    await release.scale(1);
    const pod = await client.create(pathOf(NS, 'pods'), changepropPod('p', NS));
    expect(isInjected(pod)).toBe(true);
    expect(await textOf(place('-last-good'))).toBe(good);
    expect((await edit(good)).status).toBe(200);
  });

  it('the chart can be uninstalled and installed anew', async () => {
    await release.scale(0);
    await release.uninstall();
    await release.upgrade();
    expect(await textOf(place())).toContain('kind: Diversion');
  });
});
