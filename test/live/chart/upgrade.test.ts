import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorityName } from '../../../webhook/controller/authorities.ts';
import { readBundle } from '../../../webhook/controller/bundle.ts';
import { type Issued, issueAuthority } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { CHART, FIRST_CHART } from '../../chart/helm.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { callApi, messageOf } from '../../cluster/call-api.ts';
import { makeDeclaredNamespaces } from '../../cluster/declared.ts';
import { Release } from '../../cluster/release.ts';
import { findTool } from '../../cluster/tool.ts';
import { fixturePod } from '../../fixtures/read.ts';
import { packageChart } from '../../release/chart-package.ts';

const PAUSE_MS = 30;

let api: ApiServer;
let release: Release;
/** The first version of the program made this Secret by itself, and knows no other. */
const FORMER = 'pretrain-shunt-shunt-ca';
const options = { chart: FIRST_CHART, flags: ['--secret', FORMER] };
let authority: Issued;

beforeAll(async () => {
  api = await startApiServer();
  const admin = { url: api.url, ca: api.ca, token: api.adminToken };
  await callApi(admin, {
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { metadata: { name: 'shunt-system' } },
  });
  const subject = authorityName('pretrain-shunt-shunt', 'shunt-system');
  authority = await issueAuthority(subject, { now: new Date(), lifetime: milliseconds(8_760 * 3_600_000) });
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const data = { 'ca.crt': encode(authority.cert), 'ca.key': encode(authority.key) };
  const body = { metadata: { name: FORMER }, type: 'Opaque', data };
  const made = await callApi(admin, {
    method: 'POST',
    path: '/api/v1/namespaces/shunt-system/secrets',
    body,
  });
  expect(made.status).toBe(201);
  release = await Release.install(api, 2, options);
  await makeDeclaredNamespaces(api.kubeconfig, CHART);
  await release.run(['label', 'namespace', 'changeprop', 'shunt.wikimedia.org/inject=enabled']);
});
afterAll(async () => {
  await release?.stop();
  await api?.stop();
});

/** The chart as a release packages it. */
async function packagedChart(): Promise<string> {
  const input = packageChart(await findTool('helm', '3'), '9.9.9', `sha256:${'0'.repeat(64)}`);
  execFileSync('tar', ['-xz', '-C', api.folder], { input });
  return path.join(api.folder, 'pretrain-shunt');
}

/** Creates pods of a workload one after another until told to stop; how many were injected, and what else happened. */
async function createPods(isDone: () => boolean): Promise<{ injected: number; others: string[] }> {
  const to = { url: api.url, ca: api.ca, token: api.adminToken };
  const { metadata, spec } = fixturePod('changeprop');
  const body = { metadata: { labels: metadata?.labels, generateName: 'changeprop-' }, spec };
  const pods = '/api/v1/namespaces/changeprop/pods';
  const seen = { injected: 0, others: [] as string[] };
  while (!isDone()) {
    const answer = await callApi(to, { method: 'POST', path: pods, body });
    const pod = answer.body as unknown as Pod;
    const status = pod.metadata?.annotations?.['shunt.wikimedia.org/status'];
    if (answer.status === 201 && status === 'injected') seen.injected++;
    else seen.others.push(`${answer.status} ${messageOf(answer)}`);
    await sleep(PAUSE_MS);
  }
  return seen;
}

const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256;

/** Whom the registration trusts. */
async function bundle(): Promise<string[]> {
  const asked = ['get', 'mutatingwebhookconfiguration', release.registration, '-o'];
  const text = await release.run([...asked, 'jsonpath={.webhooks[0].clientConfig.caBundle}']);
  return readBundle(text).map(({ fingerprint256 }) => fingerprint256);
}

describe('an upgrade from the first version of the chart', () => {
  it('fails no creation of a pod, and lets none slip through', async () => {
    let done = false;
    const creating = createPods(() => done);
    options.chart = await packagedChart();
    await release.upgrade();
    release.flags = [];
    await release.add();
    expect(await bundle()).toEqual([fingerprintOf(authority.cert)]);
    await release.upgrade(['--set', 'share=50', '--set', 'replicas=3']);
    done = true;
    const { injected, others } = await creating;
    expect(others).toEqual([]);
    expect(injected).toBeGreaterThan(20);
    expect(await bundle()).toEqual([fingerprintOf(authority.cert)]);
    const now = [
      'get',
      'secret',
      'pretrain-shunt-shunt-authority',
      '-n',
      'shunt-system',
      '-o',
      'jsonpath={.data.ca\\.crt}',
    ];
    expect(Buffer.from(await release.run(now), 'base64').toString()).toBe(authority.cert);
  });
});
