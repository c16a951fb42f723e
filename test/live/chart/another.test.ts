import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { HELMS, renderText } from '../../chart/helm.ts';
import { shunt, temporaryFolder } from '../../cli/run.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { callApi } from '../../cluster/call-api.ts';
import { Release } from '../../cluster/release.ts';
import { fixturePath } from '../../fixtures/read.ts';

const chart = path.join(temporaryFolder(), 'chart');

let api: ApiServer;
let release: Release;

beforeAll(async () => {
  expect(await shunt(['generate', '-d', fixturePath('shop.yaml'), '--out', chart])).toMatchObject({
    code: 0,
  });
  api = await startApiServer();
  release = await Release.install(api, 1, { chart, release: 'shop', namespace: 'shop-shunt' });
  for (const namespace of ['shop', 'shop-canary', 'other']) {
    if (namespace === 'other') await release.run(['create', 'namespace', namespace]);
    await release.run(['label', 'namespace', namespace, 'shunt.wikimedia.org/inject=enabled']);
  }
});
afterAll(async () => {
  await release?.stop();
  await api?.stop();
});

async function create(namespace: string, labels: Readonly<Record<string, string>>): Promise<Pod> {
  const env = [{ name: 'STOREFRONT_URL', value: 'https://storefront.prod.svc.cluster.local:443/v1' }];
  const spec = { containers: [{ name: 'app', image: 'registry.shop.example/checkout:7', env }] };
  const body = { metadata: { name: 'checkout', labels }, spec };
  const to = { url: api.url, ca: api.ca, token: api.adminToken };
  const answer = await callApi(to, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Pod;
}

describe("another company's diversion", () => {
  it.each(HELMS)('gives a chart in which nothing is of the first one (Helm %s)', async (helm) => {
    const text = (await renderText({ helm, chart, release: 'shop' })).replaceAll('shunt.wikimedia.org', '');
    expect(text).toContain('no.shop.example');
    expect(text.replaceAll('pretrain-shunt', '')).not.toMatch(/wiki|wmnet|wmf|pretrain|changeprop/i);
  });

  it.each(['shop', 'shop-canary'])('injects its pods in %s', async (namespace) => {
    const pod = await create(namespace, { 'app.kubernetes.io/name': 'checkout', tier: '0' });
    expect(pod.metadata?.annotations).toMatchObject({
      'shunt.wikimedia.org/status': 'injected',
      'shunt.wikimedia.org/diverts': 'no.shop.example, www.no.shop.example',
      'shunt.wikimedia.org/listeners': 'storefront (127.0.0.1:9001) to web (next.shop.example:8443)',
    });
    expect(pod.spec?.containers?.[0]?.env?.[0]?.value).toBe('http://127.0.0.1:9001/v1');
  });

  it.each([
    ['shop', { 'app.kubernetes.io/name': 'basket', tier: '0' }],
    ['other', { 'app.kubernetes.io/name': 'checkout', tier: '0' }],
  ])('leaves another pod of %s alone', async (namespace, labels) => {
    await release.run(['-n', namespace, 'delete', 'pod', 'checkout', '--ignore-not-found', '--force']);
    const pod = await create(namespace, labels);
    expect(pod.metadata?.annotations).toBeUndefined();
    expect(pod.spec?.containers).toHaveLength(1);
  });
});
