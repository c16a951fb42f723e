import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../../webhook/inject/assess.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { type Cluster, install, OPTED_IN, startCluster } from '../../chart/cluster.ts';
import { shunt, temporaryFolder } from '../../cli/run.ts';
import { messageOf } from '../../cluster/call-api.ts';
import { diversionPlan, diversionText } from '../../fixtures/diversions.ts';
import { RUNS } from '../../property/runs.ts';

/*
 * Nobody answers for the webhook here, and its registration says Fail: so the pods that the API server refuses are
 * the ones about which it would have asked.
 */

const WORKLOAD_NAMESPACES = ['changeprop', 'changeprop-jobqueue', 'mobileapps', 'rest-gateway'];
const LOOKALIKES = ['changeprop-canary', 'mobileapps2'];
const UNTOUCHED = ['quiet', 'shunt', 'kube-system'];
const DEAD = /failed calling webhook "pretrain-shunt-.*no endpoints available for service/;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  for (const namespace of [...WORKLOAD_NAMESPACES, ...LOOKALIKES])
    await cluster.createNamespace(namespace, OPTED_IN);
  await cluster.createNamespace('quiet');
  await install(cluster);
  for (const namespace of ['shunt', 'kube-system'])
    await cluster.kubectl('label', 'namespace', namespace, 'shunt.wikimedia.org/inject=enabled');
});
afterAll(() => cluster?.api.stop());

/** Whether the API server would ask the webhook about this pod; any other refusal is an error. */
async function isAsked(namespace: string, pod: Pod): Promise<boolean> {
  const body = { apiVersion: 'v1', kind: 'Pod', ...pod };
  const answer = await cluster.call({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
    body,
  });
  if (answer.status === 201) return false;
  if (DEAD.test(messageOf(answer))) return true;
  throw new Error(`${answer.status} ${messageOf(answer)} of ${JSON.stringify(pod)}`);
}

const labels = fc.option(
  fc.record(
    {
      app: fc.constantFrom('changeprop', 'changeprop', 'mobileapps', 'Changeprop', ''),
      'shunt.wikimedia.org/inject': fc.constantFrom('disabled', 'enabled', 'off', ''),
      other: fc.constant('x'),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

const pods = fc
  .record({
    labels,
    hostNetwork: fc.constantFrom(undefined, undefined, true, false),
    annotations: fc.constantFrom(
      undefined,
      undefined,
      {},
      { a: 'b' },
      { 'kubernetes.io/config.mirror': 'x' },
    ),
    named: fc.boolean(),
  })
  .map(({ labels, hostNetwork, annotations, named }): Pod => {
    const spec = { containers: [{ name: 'app', image: 'example' }], nodeName: 'node', hostNetwork };
    return JSON.parse(
      JSON.stringify({
        metadata: { labels, annotations, ...(named ? { name: 'p' } : { generateName: 'p-' }) },
        spec,
      }),
    );
  });

describe('the registration', () => {
  const plan = diversionPlan();

  it('asks about the pods that are to be injected, and about no other', { timeout: 300_000 }, async () => {
    const asked = { yes: 0, no: 0 };
    const namespaces = fc.constantFrom(...WORKLOAD_NAMESPACES, ...LOOKALIKES);
    await fc.assert(
      fc.asyncProperty(namespaces, pods, async (namespace, pod) => {
        const expected = assess(pod, namespace, plan).inject;
        expect(await isAsked(namespace, pod)).toBe(expected);
        asked[expected ? 'yes' : 'no']++;
      }),
      { numRuns: 3 * RUNS },
    );
    expect(asked.yes).toBeGreaterThan(20);
    expect(asked.no).toBeGreaterThan(100);
  });

  it('never asks in other namespaces, in kube-system, or in its own', async () => {
    for (const namespace of UNTOUCHED)
      for (const app of ['changeprop', 'mobileapps']) {
        const pod = {
          metadata: { name: 'p', labels: { app } },
          spec: { containers: [{ name: 'app', image: 'example' }] },
        };
        expect(await isAsked(namespace, pod as Pod)).toBe(false);
      }
  });

  it('is dead in none of these for another reason: nothing but pods that are created', async () => {
    const deployment = await cluster.kubectl(
      '-n',
      'changeprop',
      'create',
      'deployment',
      'changeprop',
      '--image=x',
    );
    expect(deployment).toContain('created');
  });
});

describe('a registration for another diversion', () => {
  const others = { name: 'shop', namespace: 'shop-shunt' };

  async function installOther(workloads: string): Promise<void> {
    const source = path.join(temporaryFolder(), 'source.yaml');
    const text = diversionText(['  name: testwiki\n', '  name: shop\n']);
    writeFileSync(source, text.replace(/^ {2}workloads:[\s\S]*?(?=^ {2}edges:)/m, workloads));
    const chart = path.join(temporaryFolder(), 'chart');
    expect(await shunt(['generate', '-d', source, '--out', chart])).toMatchObject({ code: 0 });
    await install(cluster, others, chart);
  }

  async function remove(): Promise<void> {
    await cluster.helm('3', 'uninstall', others.name, '-n', others.namespace);
    await cluster.call({ method: 'DELETE', path: `/api/v1/namespaces/${others.namespace}` });
    others.namespace = `${others.namespace}x`;
  }

  const workload = (name: string, namespace: string, labels: object) =>
    `    ${name}: ${JSON.stringify({ namespaces: [namespace], labels, container: 'app', captures: [{ kind: 'args' }], upstreams: ['mw-api-int'] })}\n`;

  it('is taken, whatever stands in its labels', async () => {
    const labels = { 'app.kubernetes.io/name': 'web', b: 'a"b\\c\n\'\u2028{{ x }}', c: '' };
    await cluster.createNamespace('shop', OPTED_IN);
    await cluster.createNamespace('bare', OPTED_IN);
    await installOther(
      `  workloads:\n${workload('odd', 'shop', labels)}${workload('web', 'shop', { 'app.kubernetes.io/name': 'web', b: '' })}${workload('all', 'bare', {})}`,
    );
    const spec = { containers: [{ name: 'app', image: 'example' }] };
    const asked = (namespace: string, labels?: Record<string, string>) =>
      isAsked(namespace, { metadata: { name: 'p', labels }, spec } as Pod);
    expect(await asked('shop', { 'app.kubernetes.io/name': 'web', b: '' })).toBe(true);
    expect(await asked('shop', { 'app.kubernetes.io/name': 'web' })).toBe(false);
    expect(await asked('shop')).toBe(false);
    expect(await asked('bare')).toBe(true);
    expect(await asked('changeprop', { app: 'changeprop' })).toBe(true);
    await remove();
  });

  it('is taken with 500 workloads', async () => {
    const many = Array.from({ length: 500 }, (_, number) =>
      workload(`workload-${number}`, `a-namespace-with-quite-a-long-name-${number}`, {
        app: `an-app-${number}`,
      }),
    );
    await cluster.createNamespace('a-namespace-with-quite-a-long-name-499', OPTED_IN);
    await installOther(`  workloads:\n${many.join('')}`);
    const spec = { containers: [{ name: 'app', image: 'example' }] };
    const pod = { metadata: { name: 'p', labels: { app: 'an-app-499' } }, spec } as Pod;
    expect(await isAsked('a-namespace-with-quite-a-long-name-499', pod)).toBe(true);
    await remove();
  });

  it('is taken without any workload, and asks about nothing', async () => {
    await installOther('');
    expect(
      await isAsked('shop', {
        spec: { containers: [{ name: 'app', image: 'x' }] },
        metadata: { name: 'p' },
      } as Pod),
    ).toBe(false);
    await remove();
  });
});
