import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { askApi } from '../../cluster/ask-api.ts';
import { type Cluster, startCluster } from '../../cluster/cluster.ts';
import { helm } from '../../cluster/helm.ts';
import { installWorkload, NAMESPACE, RELEASE } from '../../cluster/install.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { fitting, limitRange, namespaceOf, optedIn, type WorkloadName } from '../../cluster/workload.ts';
import { furtherPath, hasFurther } from '../../fixtures/further-inputs.ts';
import type { AppAnswer } from '../../stage/app.ts';
import { startWorld, type World } from '../../stage/world.ts';
import { diversion, planOf, ROOT } from '../ask.ts';

/*
 * The whole story on a real kubelet: the chart installed from its image, workloads that opted in, their calls, the
 * switch. The services that they call listen on the host, at the ports and under the names that the diversion has.
 */

const ROOT_USER = process.getuid?.() === 0;
const DIVERTED = 'test.wikipedia.org';
const OTHER = 'en.wikipedia.org';
const SWITCHED_WITHIN_MS = 5_000;

const PORTS = { changeprop: 7272, jobqueue: 7200 } as const;
const ORIGINS = { changeprop: 'http://127.0.0.1:6501', jobqueue: 'http://127.0.0.1:6506' } as const;

let cluster: Cluster;
let world: World;
let scratch: string;

beforeAll(async () => {
  if (!ROOT_USER) return;
  cluster = await startCluster();
  scratch = await mkdtemp(path.join(tmpdir(), 'shunt-story-'));
  const { worldAuthority: authority, network } = cluster;
  world = await startWorld(planOf(diversion), scratch, { authority, addresses: network.origins });
  await cluster.setNames(world.hosts);
  await installWorkload(cluster.kubeconfig, 'changeprop');
});

afterAll(async () => {
  await cluster?.stop();
  await world?.close();
  if (scratch) await rm(scratch, { recursive: true });
});

async function podOf(workload: WorkloadName): Promise<{ metadata: { name: string; uid: string } }> {
  const pods = await kubectl(cluster.kubeconfig, ['-n', namespaceOf(workload), 'get', 'pods', '-o', 'json']);
  return JSON.parse(pods.text).items[0];
}

/** Has the app in that pod make one call for an event of the domain, and gives which site answered. */
async function call(workload: WorkloadName, pod: string, domain: string): Promise<string> {
  const place = `/api/v1/namespaces/${namespaceOf(workload)}/pods/${pod}:${PORTS[workload]}/proxy/call`;
  const { text } = await askApi(cluster.api, place, { origin: ORIGINS[workload], domain });
  const answer = JSON.parse(text) as AppAnswer;
  return (
    (answer.body as { site?: string } | undefined)?.site ?? `${answer.status} ${JSON.stringify(answer.body)}`
  );
}

async function ownConfigMaps(namespace: string): Promise<string> {
  const selector = 'app.kubernetes.io/managed-by=pretrain-shunt';
  const found = await kubectl(cluster.kubeconfig, [
    '-n',
    namespace,
    'get',
    'configmaps',
    '-l',
    selector,
    '-o',
    'name',
  ]);
  return found.text.replace(/^No resources found.*\n/, '');
}

async function injectedPods(): Promise<string[]> {
  const pods = await kubectl(cluster.kubeconfig, ['get', 'pods', '-A', '-o', 'json']);
  const items: { metadata: { name: string } }[] = JSON.parse(pods.text).items;
  return items
    .filter((pod) => JSON.stringify(pod).includes('shunt-envoy'))
    .map(({ metadata }) => metadata.name);
}

async function shunt(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(path.join(ROOT, 'scripts/shunt'), args, { timeout: 120_000 });
  return stdout;
}

const countAt = (site: string): number => world.arrivals().filter((seen) => seen.site === site).length;

/** A workload, and which sites answer its calls for the diverted host and for others. */
type Case = readonly [workload: WorkloadName, target: string, production: string];

const CASES: readonly Case[] = [
  ['jobqueue', 'target jobrunner', 'production mw-jobrunner.discovery.wmnet:4448'],
  ['changeprop', 'target web', 'production mw-api-int.discovery.wmnet:4446'],
];

/** Ten calls for each host, counted where they arrive. */
async function expectLed([workload, target, production]: Case): Promise<void> {
  const { metadata } = await podOf(workload);
  await expect.poll(() => call(workload, metadata.name, DIVERTED), { timeout: 20_000 }).toBe(target);
  const before = { target: countAt(target), production: countAt(production) };
  for (let turn = 0; turn < 10; turn++) {
    expect(await call(workload, metadata.name, DIVERTED)).toBe(target);
    expect(await call(workload, metadata.name, OTHER)).toBe(production);
  }
  expect(countAt(target) - before.target).toBe(10);
  expect(countAt(production) - before.production).toBe(10);
}

describe.skipIf(!ROOT_USER)('the diversion in a cluster', () => {
  it.each(CASES)(
    'leads the calls of %s for the diverted host to the target, and all others to production',
    (...one) => expectLed(one),
  );

  it('shows on the pod what is diverted', async () => {
    const { metadata } = await podOf('jobqueue');
    const text = await kubectl(cluster.kubeconfig, [
      '-n',
      namespaceOf('jobqueue'),
      'describe',
      'pod',
      metadata.name,
    ]);
    expect(text.text).toMatch(/shunt\.wikimedia\.org\/status: +injected/);
    expect(text.text).toMatch(/Diverting .*test\.wikipedia\.org on mw-jobrunner/);
  });

  it('is switched off by helm upgrade while the pod runs on', async () => {
    const { metadata } = await podOf('jobqueue');
    const chart = path.join(ROOT, 'chart');
    await helm(cluster, ['upgrade', RELEASE, chart, '-n', NAMESPACE, '--set', 'share=0']);
    const upgradedMs = performance.now();
    let lastOldMs = upgradedMs;
    while (performance.now() < upgradedMs + SWITCHED_WITHIN_MS) {
      const site = await call('jobqueue', metadata.name, DIVERTED);
      if (site === 'target jobrunner') lastOldMs = performance.now();
      else expect(site).toBe('production mw-jobrunner.discovery.wmnet:4448');
    }
    console.log(
      `the last old decision was ${Math.round(lastOldMs - upgradedMs)} ms after helm upgrade returned`,
    );
    expect(await call('jobqueue', metadata.name, DIVERTED)).toBe(
      'production mw-jobrunner.discovery.wmnet:4448',
    );
    expect((await podOf('jobqueue')).metadata.uid).toBe(metadata.uid);
  });

  it('is turned on and off by one command, which follows until the sidecars run it', async () => {
    const { metadata } = await podOf('jobqueue');
    const where = ['-n', NAMESPACE, '--kubeconfig', cluster.kubeconfig];
    expect(await shunt('share', '100', '--dry-run', ...where)).toMatch(/: 0 to 100, .*nothing was changed/);
    const on = await shunt('share', '100', ...where);
    expect(on).toMatch(/^share of testwiki: 0 to 100, written to ConfigMap/);
    expect(on).toMatch(/ sidecars run 100 %\nnot changed by this command:\n {2}ats: .*share/);
    expect(await call('jobqueue', metadata.name, DIVERTED)).toBe('target jobrunner');
    const asked = ['explain', '-e', 'sidecar', '-u', 'mw-jobrunner', '-H', DIVERTED, '-m', 'POST'];
    const job = [...asked, '-p', '/rpc/RunSingleJob.php'];
    expect(await shunt(...job, '--live', ...where)).toMatch(/^jobrunner: /);
    await shunt('off', ...where);
    expect(await shunt(...job, '--live', ...where)).toMatch(/^production: /);
    expect(await shunt(...job)).toMatch(/^jobrunner: /);
    expect(await call('jobqueue', metadata.name, DIVERTED)).toBe(
      'production mw-jobrunner.discovery.wmnet:4448',
    );
    expect((await podOf('jobqueue')).metadata.uid).toBe(metadata.uid);
  });

  it('leaves pods as they are in a namespace that has not opted in', async () => {
    const made = await kubectl(cluster.kubeconfig, [
      'run',
      'plain',
      '--image=shunt.test/pause:1',
      '-o',
      'json',
    ]);
    const spec = JSON.parse(made.text).spec;
    expect(spec.initContainers).toBeUndefined();
    expect(spec.containers).toHaveLength(1);
  });

  it.each(CASES.filter(([workload]) => hasFurther(`manifests/${namespaceOf(workload)}.yaml`)))(
    'runs the rendered manifests of %s under a LimitRange, and routes their calls',
    async (...one) => {
      const [workload] = one;
      const namespace = namespaceOf(workload);
      const run = async (args: readonly string[], input?: unknown): Promise<void> => {
        const { status, text } = await kubectl(cluster.kubeconfig, ['-n', namespace, ...args], input);
        expect(status, text).toBe(0);
      };
      await helm(cluster, [
        'upgrade',
        RELEASE,
        path.join(ROOT, 'chart'),
        '-n',
        NAMESPACE,
        '--set',
        'share=100',
      ]);
      await run(['delete', 'deployment', '--all', '--cascade=foreground', '--timeout=60s']);
      await run(['apply', '-f', '-'], limitRange());
      const text = await readFile(furtherPath(`manifests/${namespace}.yaml`), 'utf8');
      const documents = parseAllDocuments(text)
        .map((document) => document.toJS())
        .filter(Boolean);
      // With nothing left to serve, what the namespace was given goes with the label; label and pods then come at once.
      await run(['label', 'namespace', namespace, 'shunt.wikimedia.org/inject-']);
      await expect.poll(() => ownConfigMaps(namespace), { timeout: 20_000 }).toBe('');
      await run(['apply', '-f', '-'], {
        ...fitting(documents, namespace),
        items: [optedIn(namespace), ...fitting(documents, namespace).items],
      });
      await run(['rollout', 'status', 'deployment', '--timeout=60s']);
      await expectLed(one);
    },
  );

  it('writes no log line of an error in the webhook', async () => {
    const logs = await kubectl(cluster.kubeconfig, [
      '-n',
      NAMESPACE,
      'logs',
      '-l',
      'release=shunt',
      '--tail=-1',
    ]);
    expect(logs.text).toContain('listening');
    expect(logs.text.split('\n').filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
    expect(await readFile(path.join(cluster.folder, 'dns.log'), 'utf8')).toBe('ready\n');
  });

  it('goes back after uninstalling: pods run on as they are until they are retired', async () => {
    await helm(cluster, [
      'upgrade',
      RELEASE,
      path.join(ROOT, 'chart'),
      '-n',
      NAMESPACE,
      '--set',
      'share=100',
    ]);
    const { metadata } = await podOf('jobqueue');
    await expect
      .poll(() => call('jobqueue', metadata.name, DIVERTED), { timeout: 20_000 })
      .toBe('target jobrunner');
    await helm(cluster, ['uninstall', RELEASE, '-n', NAMESPACE, '--wait']);
    const registrations = await kubectl(cluster.kubeconfig, [
      'get',
      'mutatingwebhookconfigurations',
      '-o',
      'name',
    ]);
    expect(registrations.text).toBe('');
    expect(await call('jobqueue', metadata.name, DIVERTED)).toBe('target jobrunner');
    const shown = await shunt('retire', '--kubeconfig', cluster.kubeconfig);
    expect(shown).toContain('restart Deployment changeprop-production');
    expect((await podOf('jobqueue')).metadata.uid).toBe(metadata.uid);
    const retired = await shunt('retire', '--kubeconfig', cluster.kubeconfig, '--yes', '--within', '90s');
    expect(retired).toBe('nothing of a diversion is left in this cluster\n');
    // A pod that has ended may still be listed for a moment.
    await expect.poll(injectedPods, { timeout: 30_000 }).toEqual([]);
    expect(await ownConfigMaps(namespaceOf('jobqueue'))).toBe('');
  });
});
