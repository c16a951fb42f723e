import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { metric } from '../../cluster/metrics.ts';
import { CHANGEPROP, label, makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { PodStream, type Tally } from '../../cluster/pod-stream.ts';
import { Release, until } from '../../cluster/release.ts';
import { found } from '../../fixtures/read.ts';

const NS = 'changeprop';
/** Over all the changes; 2000 where there is time for it. */
const CREATIONS = Number(process.env['SHUNT_CREATIONS'] ?? 300);
const CHANGES = 5;

let api: ApiServer;
let client: ApiClient;
let release: Release;
let stream: PodStream | undefined;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  release = await Release.install(api, 2, { flags: ['--settle', '3s', '--leaf-lifetime', '12s'] });
  await makeSpace(client, NS);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});
afterEach(() => stream?.end());

/** Creates pods before, during and after the change. */
async function during(change: (pods: PodStream) => Promise<unknown>): Promise<Tally> {
  const pods = new PodStream(client, { namespace: NS, atOnce: 4, restMs: 5 });
  stream = pods;
  const part = Math.ceil(CREATIONS / CHANGES / 2);
  await pods.more(part);
  await change(pods);
  await pods.more(part);
  const tally = await pods.end();
  console.info(
    `${expect.getState().currentTestName}: ${tally.injected} injected, ${tally.unreachable} without the API server, ` +
      `refused: ${JSON.stringify(Object.fromEntries(tally.refused))}`,
  );
  return tally;
}

function expectNoneFailed({ uninjected, refused }: Tally): void {
  expect({ uninjected, refused: [...refused] }).toEqual({ uninjected: [], refused: [] });
}

const first = () => found([...release.replicas][0]);
const secretPath = () => pathOf(release.namespace, 'secrets', `${release.name}-authority`);
const leaves = (replica = first()) => replica.log.filter(({ msg }) => msg === 'new leaf').length;

describe('no creation fails or slips through while', () => {
  it('each replica in turn is replaced by a new one', async () => {
    expectNoneFailed(
      await during(async () => {
        for (const replica of [...release.replicas]) {
          await release.add();
          await release.remove(replica);
        }
      }),
    );
  });

  it('a leaf is renewed', async () => {
    expectNoneFailed(
      await during(async () => {
        const before = leaves();
        await until('there is a new leaf', async () => leaves() > before);
      }),
    );
  });

  it('the authority is replaced', async () => {
    expectNoneFailed(
      await during(async () => {
        const before = leaves();
        await client.patch(secretPath(), { data: null });
        await until('the new one signs', async () => leaves() > before + 1);
      }),
    );
  });

  it('the API server is restarted; what it was asked meanwhile is not counted', async () => {
    const tally = await during(() => api.restart());
    expectNoneFailed(tally);
    expect(tally.unreachable).toBeGreaterThan(0);
  });

  it('a replica is killed, but for what was under way with it', async () => {
    const { uninjected, refused } = await during(async (pods) => {
      const victim = first();
      await release.remove(victim, 'SIGKILL');
      await pods.more(20);
      await release.add();
    });
    expect(uninjected).toEqual([]);
    for (const reason of refused.keys()) expect(reason).toMatch(/EOF|connection reset|connection refused/);
    expect([...refused.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(8);
  });
});

describe('after the API server was away', () => {
  it('what is watched is followed again, and nothing is asked more often than before', async () => {
    const failures = await metric(release, 'shunt_kube_failures_total');
    await api.restart();
    // A creation whose answer was lost with the server may have left its pod.
    await client.delete(pathOf(NS, 'pods'));
    await label(client, NS, null);
    const configMap = pathOf(NS, 'configmaps', CHANGEPROP);
    await until('its ConfigMap is gone', async () => (await client.get(configMap)) === undefined, 10_000);
    await label(client, NS, 'enabled');
    await until('its ConfigMap is there', async () => (await client.get(configMap)) !== undefined, 2_000);
    const failed = (await metric(release, 'shunt_kube_failures_total')) - failures;
    const megabytes = [...release.replicas].map(
      ({ process: { pid } }) =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) >> 10,
    );
    console.info(`failed over a restart of the API server: ${failed}; replicas of ${megabytes} MB`);
    expect(failed).toBeLessThan(200);
  });
});
