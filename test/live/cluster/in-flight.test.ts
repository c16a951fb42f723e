import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askApi } from '../../cluster/ask-api.ts';
import { readAudit } from '../../cluster/audit.ts';
import { type Cluster, startCluster } from '../../cluster/cluster.ts';
import { helm } from '../../cluster/helm.ts';
import { installWorkload, NAMESPACE, RELEASE } from '../../cluster/install.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { namespaceOf } from '../../cluster/workload.ts';
import type { AppAnswer } from '../../stage/app.ts';
import { startWorld, type World } from '../../stage/world.ts';
import { diversion, planOf, ROOT } from '../ask.ts';

/* What is under way in pods on a real kubelet while the release changes under them, and while it goes away. */

const ROOT_USER = process.getuid?.() === 0;
const SPACE = namespaceOf('jobqueue');
const OWN = 'shunt.testwiki.jobqueue';
const DIVERTED = 'test.wikipedia.org';
const ADDED = 'test2.wikipedia.org';
const OTHER = 'en.wikipedia.org';
const TARGET = 'target jobrunner';
const PRODUCTION = 'production mw-jobrunner.discovery.wmnet:4448';
/** Longer than all that the test changes meanwhile, which takes 10 s on a machine that does nothing else. */
const JOB_MS = 45_000;
/** A replica ends within 45 s. */
const REPLICAS_END_WITHIN_MS = 60_000;

let cluster: Cluster;
let world: World;
let scratch: string;

beforeAll(async () => {
  if (!ROOT_USER) return;
  cluster = await startCluster(['--audit']);
  scratch = await mkdtemp(path.join(tmpdir(), 'shunt-in-flight-'));
  const { worldAuthority: authority, network } = cluster;
  const more = { authority, addresses: network.origins, published: [ADDED] };
  world = await startWorld(planOf(diversion), scratch, more);
  await cluster.setNames(world.hosts);
  await installWorkload(cluster.kubeconfig, 'jobqueue');
});

afterAll(async () => {
  await cluster?.stop();
  await world?.close();
  if (scratch) await rm(scratch, { recursive: true });
});

interface PodSeen {
  readonly metadata: { readonly name: string; readonly uid: string };
}

async function pods(): Promise<readonly PodSeen[]> {
  return JSON.parse(await run(['-n', SPACE, 'get', 'pods', '-o', 'json'])).items;
}

const isInjected = (pod: PodSeen): boolean => JSON.stringify(pod).includes('shunt-envoy');

async function run(args: readonly string[]): Promise<string> {
  const { status, text } = await kubectl(cluster.kubeconfig, args);
  expect(status, text).toBe(0);
  return text;
}

async function shunt(...args: string[]): Promise<string> {
  const program = path.join(ROOT, 'scripts/shunt');
  return (await promisify(execFile)(program, args, { timeout: 120_000 })).stdout;
}

/** Has the app in that pod run a job for an event of the domain, and gives which site answered. */
async function job(pod: string, domain: string, headers: Record<string, string> = {}): Promise<string> {
  const place = `/api/v1/namespaces/${SPACE}/pods/${pod}:7200/proxy/call`;
  const call = { origin: 'http://127.0.0.1:6506', domain, headers, longestMs: 2 * JOB_MS };
  const { text } = await askApi(cluster.api, place, call, 2 * JOB_MS);
  const { status, body } = JSON.parse(text) as AppAnswer;
  return (body as { site?: string } | undefined)?.site ?? `${status} ${JSON.stringify(body)}`;
}

/** Runs jobs for the diverted host one after another until told to end; gives which sites answered. */
function keepRunning(pod: string): () => Promise<readonly string[]> {
  const sites = new Set<string>();
  let ends = false;
  const done = (async () => {
    while (!ends) {
      sites.add(await job(pod, DIVERTED));
      await sleep(20);
    }
  })();
  return async () => {
    ends = true;
    await done;
    return [...sites];
  };
}

const arrivalsOf = (name: string) =>
  world
    .arrivals()
    .filter(({ headers }) => headers['x-job'] === name)
    .map(({ site }) => site);

const upgrade = (chart: string, ...values: string[]) =>
  helm(cluster, ['upgrade', RELEASE, chart, '-n', NAMESPACE, '--wait', ...values]);

/** The chart of a later version, for a diversion with a further host and other times. */
async function laterChart(): Promise<string> {
  const file = path.join(scratch, 'diversion.yaml');
  const changed = diversion
    .replace(`    - ${DIVERTED}\n`, `    - ${DIVERTED}\n    - ${ADDED}\n`)
    .replace('timeout: 1202.5s', 'timeout: 1300s');
  await writeFile(file, changed);
  const chart = path.join(scratch, 'chart');
  await shunt('generate', '--diversion', file, '--out', chart);
  const meta = path.join(chart, 'Chart.yaml');
  await writeFile(meta, (await readFile(meta, 'utf8')).replace(/^version: .*$/m, 'version: 9.0.0'));
  return chart;
}

describe.skipIf(!ROOT_USER)('while a job is under way', () => {
  it('share, hosts and chart change: each job reaches one origin once, and is answered by it', async () => {
    const [pod] = await pods();
    const name = pod?.metadata.name ?? '';
    await expect.poll(() => job(name, DIVERTED), { timeout: 20_000 }).toBe(TARGET);
    const slow = { 'x-stage-delay-ms': String(JOB_MS) };
    const startedMs = performance.now();
    const jobs = [
      job(name, DIVERTED, { ...slow, 'x-job': 'diverted' }),
      job(name, OTHER, { ...slow, 'x-job': 'other' }),
    ];
    await expect.poll(() => [...arrivalsOf('diverted'), ...arrivalsOf('other')].length).toBe(2);
    await upgrade(path.join(ROOT, 'chart'), '--set', 'share=0');
    await expect.poll(() => job(name, DIVERTED), { timeout: 20_000 }).toBe(PRODUCTION);
    await upgrade(await laterChart(), '--set', 'share=100');
    await expect.poll(() => job(name, ADDED), { timeout: 20_000 }).toBe(TARGET);
    expect(performance.now() - startedMs).toBeLessThan(JOB_MS);
    expect(await Promise.all(jobs)).toEqual([TARGET, PRODUCTION]);
    expect(arrivalsOf('diverted')).toEqual([TARGET]);
    expect(arrivalsOf('other')).toEqual([PRODUCTION]);
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
  });
});

describe.skipIf(!ROOT_USER)('uninstalling', () => {
  it('changes nothing for pods that run; those created after it are not injected, and retire names them', async () => {
    const [old] = await pods();
    const name = old?.metadata.name ?? '';
    const sitesSeen = keepRunning(name);
    const since = new Date().toISOString();
    await helm({ ...cluster, version: '4' }, ['uninstall', RELEASE, '-n', NAMESPACE, '--wait']);
    await run(['-n', SPACE, 'scale', 'deployment', '--all', '--replicas=2']);
    await run(['-n', SPACE, 'rollout', 'status', 'deployment', '--timeout=60s']);
    const added = (await pods()).filter(({ metadata }) => metadata.name !== name);
    expect(added.map(isInjected)).toEqual([false]);
    const replicas = () => run(['-n', NAMESPACE, 'get', 'pods', '-o', 'name']);
    await expect.poll(replicas, { timeout: REPLICAS_END_WITHIN_MS, interval: 500 }).not.toContain('pod/');
    expect(await sitesSeen()).toEqual([TARGET]);
    const changes = (await readAudit(cluster.folder)).filter(
      ({ at, object }) => at > since && object === `configmaps ${SPACE}/${OWN}`,
    );
    expect(changes).toEqual([]);
    const shown = await shunt('retire', '--kubeconfig', cluster.kubeconfig);
    expect(shown).toContain('restart Deployment changeprop-production');
    expect(shown).toContain(`pod ${added[0]?.metadata.name} is not injected`);
  });
});
