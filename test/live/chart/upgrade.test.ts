import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { CHART, FIRST_CHART } from '../../chart/helm.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { callApi, messageOf } from '../../cluster/call-api.ts';
import { Release } from '../../cluster/release.ts';
import { fixturePod } from '../../fixtures/read.ts';

const PAUSE_MS = 30;

let api: ApiServer;
let release: Release;
const options = { chart: FIRST_CHART };

beforeAll(async () => {
  api = await startApiServer();
  release = await Release.install(api, 2, options);
  await release.run(['create', 'namespace', 'changeprop']);
  await release.run(['label', 'namespace', 'changeprop', 'shunt.wikimedia.org/inject=enabled']);
});
afterAll(async () => {
  await release?.stop();
  await api?.stop();
});

/** Creates pods of a workload one after another until told to stop; how many were injected, and what else happened. */
async function createPods(isDone: () => boolean): Promise<{ injected: number; others: string[] }> {
  const to = { url: api.url, ca: api.ca, token: api.adminToken };
  const { metadata, spec } = fixturePod('changeprop');
  const body = { metadata: { labels: metadata?.labels, generateName: 'changeprop-' }, spec };
  const path = '/api/v1/namespaces/changeprop/pods';
  const seen = { injected: 0, others: [] as string[] };
  while (!isDone()) {
    const answer = await callApi(to, { method: 'POST', path, body });
    const pod = answer.body as unknown as Pod;
    const status = pod.metadata?.annotations?.['shunt.wikimedia.org/status'];
    if (answer.status === 201 && status === 'injected') seen.injected++;
    else seen.others.push(`${answer.status} ${messageOf(answer)}`);
    await sleep(PAUSE_MS);
  }
  return seen;
}

describe('an upgrade from the first version of the chart', () => {
  it('fails no creation of a pod, and lets none slip through', async () => {
    let done = false;
    const creating = createPods(() => done);
    options.chart = CHART;
    await release.upgrade();
    await release.add();
    await release.upgrade(['--set', 'share=50', '--set', 'replicas=3']);
    done = true;
    const { injected, others } = await creating;
    expect(others).toEqual([]);
    expect(injected).toBeGreaterThan(20);
  });
});
