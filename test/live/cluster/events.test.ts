import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { changepropPod, label, makeSpace, OPT_IN, pathOf } from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { found } from '../../fixtures/read.ts';

const NS = 'changeprop';

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

const createPod = (name: string, labels: JsonObject = {}) =>
  client.create(pathOf(NS, 'pods'), changepropPod(name, NS, labels));
const describePod = (name: string) => release.run(['describe', 'pod', name, '-n', NS]);

async function eventsOf(name: string): Promise<string[]> {
  const { items } = found(await client.get(pathOf(NS, 'events'))) as { items: JsonObject[] };
  return items
    .filter(({ involvedObject }) => (involvedObject as JsonObject)['name'] === name)
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}

/** The events of a pod, once there is one and every replica has had time for another. */
async function settledEvents(name: string): Promise<string[]> {
  await until(`${name} has an event`, async () => (await eventsOf(name)).length > 0);
  await sleep(1_000);
  return eventsOf(name);
}

describe('kubectl describe pod', () => {
  it('warns of a pod that was created before its namespace opted in, with the command', async () => {
    await createPod('early');
    await label(client, NS, 'enabled');
    const events = await settledEvents('early');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^Warning NotDiverted: .*kubectl -n changeprop delete pod early$/);
    expect(await describePod('early')).toContain('kubectl -n changeprop delete pod early');
  });

  it('says what is written, and not that a pod diverts whose proxy never started; once, though there are two replicas', async () => {
    await createPod('diverted');
    expect(await settledEvents('diverted')).toEqual([
      expect.stringMatching(
        /^Normal NotConfirmed: Written, .* its proxy has not started: 100 % of test\.wikipedia\.org on mw-api-int \(127\.0\.0\.1:6501\) to web/,
      ),
    ]);
    const shown = await describePod('diverted');
    expect(shown).toMatch(/shunt\.wikimedia\.org\/status: injected/);
    expect(shown).toMatch(/Normal +NotConfirmed .* 100 % of test\.wikipedia\.org on mw-api-int/);
    expect(shown).not.toMatch(/Diverting|shunt\.wikimedia\.org\/(?:revision|share):/);
  });

  it('says that a pod opted out, as nothing to worry about', async () => {
    await createPod('opted-out', { [OPT_IN]: 'disabled' });
    expect(await settledEvents('opted-out')).toEqual([
      expect.stringMatching(/^Normal NotDiverted: Not diverted: opted-out: .*delete pod opted-out$/),
    ]);
  });

  it('warns of a pod that was created while the webhook was away', async () => {
    for (const replica of [...release.replicas]) await release.remove(replica, 'SIGKILL');
    const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${release.registration}`;
    await client.delete(path);
    await until('the API server has seen that', async () => {
      const dry = `${pathOf(NS, 'pods')}?dryRun=All`;
      return (
        (await client.send({ method: 'POST', path: dry, body: changepropPod('dry', NS) })).status === 201
      );
    });
    await createPod('missed');
    await release.upgrade();
    await release.scale(2);
    expect(await settledEvents('missed')).toEqual([expect.stringMatching(/^Warning NotDiverted: Should be/)]);
  });

  it('shows last what is so now, when that was so before', async () => {
    for (const share of [0, 100]) {
      await release.upgrade(['--set', `share=${share}`]);
      await until(
        `the pod is told of ${share} %`,
        async () =>
          (await describePod('diverted'))
            .trimEnd()
            .split('\n')
            .at(-1)
            ?.includes(`has not started: ${share} %`) ?? false,
      );
    }
  });
});
