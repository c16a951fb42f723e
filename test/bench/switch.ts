import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askApi } from '../cluster/ask-api.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { helm } from '../cluster/helm.ts';
import { installWorkload, NAMESPACE, RELEASE } from '../cluster/install.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { until } from '../cluster/release.ts';
import { namespaceOf } from '../cluster/workload.ts';
import { inRepository } from '../fixtures/read.ts';
import type { LoopReport } from '../images/app-server.ts';
import { diversion, planOf } from '../live/ask.ts';
import { productionSite, startWorld, targetSite } from '../stage/world.ts';
import { BenchError } from './bench-error.ts';

export interface SwitchBenchOptions {
  readonly sidecars: number;
  readonly switches: number;
  /** How often each sidecar is asked, in milliseconds. */
  readonly everyMs: number;
  readonly say: (text: string) => void;
}

export interface SwitchMeasured {
  /** For each switch, from the end of `helm upgrade` to the last old decision of any sidecar; 0 when it was before. */
  readonly lastOldMs: readonly number[];
  readonly calls: number;
  /** Calls that neither production nor the target answered, by what came instead. */
  readonly failures: Readonly<Record<string, number>>;
}

const WORKLOAD = 'jobqueue';
const PORT = 7200;
const SETTLE_MS = 8_000;

/** How long a change of the share takes to reach running sidecars, on a real kubelet with its default settings. */
export async function measureSwitch(options: SwitchBenchOptions): Promise<SwitchMeasured> {
  const { sidecars, say } = options;
  const cluster = await startCluster();
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-switch-'));
  const { worldAuthority: authority, network } = cluster;
  const world = await startWorld(planOf(diversion), scratch, { authority, addresses: network.origins });
  try {
    await cluster.setNames(world.hosts);
    say(`starting ${sidecars} sidecars ...`);
    await installWorkload(cluster.kubeconfig, WORKLOAD, sidecars);
    return await measure(cluster, options);
  } finally {
    await cluster.stop();
    await world.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(cluster: Cluster, options: SwitchBenchOptions): Promise<SwitchMeasured> {
  const { switches, everyMs, say } = options;
  const plan = planOf(diversion);
  const upstream = plan.workloads.find(({ name }) => name === WORKLOAD)?.upstreams[0];
  if (!upstream) throw new BenchError(`the diversion has no workload ${WORKLOAD}`);
  const sites = [productionSite(upstream), targetSite(upstream.target.role)];
  const pods = await podNames(cluster);
  const loop = { origin: `http://127.0.0.1:${upstream.listenerPort}`, domain: plan.hosts[0], everyMs };
  for (const pod of pods) await startLoop(cluster, pod, loop);
  const lastOldMs: number[] = [];
  const failures: Record<string, number> = {};
  let calls = 0;
  for (let turn = 0; turn < switches; turn++) {
    const share = turn % 2 === 0 ? 0 : 100;
    const old = share === 0 ? sites[1] : sites[0];
    await Promise.all(pods.map((pod) => ask(cluster, pod)));
    await helm(cluster, [
      'upgrade',
      RELEASE,
      inRepository('chart'),
      '-n',
      NAMESPACE,
      '--set',
      `share=${share}`,
    ]);
    const returnedMs = Date.now();
    await sleep(SETTLE_MS);
    const reports = await Promise.all(pods.map((pod) => ask(cluster, pod)));
    const last = reports.map((report) => (report[old ?? '']?.lastMs ?? 0) - returnedMs);
    lastOldMs.push(Math.max(0, ...last));
    for (const [site, { count }] of reports.flatMap((report) => Object.entries(report))) {
      calls += count;
      if (!sites.includes(site)) failures[site] = (failures[site] ?? 0) + count;
    }
    say(`share ${share}: the last old decision ${lastOldMs.at(-1)} ms after helm upgrade returned`);
  }
  return { lastOldMs, calls, failures };
}

async function podNames(cluster: Cluster): Promise<string[]> {
  const args = ['-n', namespaceOf(WORKLOAD), 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'];
  return (await kubectl(cluster.kubeconfig, args)).text.trim().split(' ');
}

/** The app listens some time after its container was started, and no probe tells. */
async function startLoop(cluster: Cluster, pod: string, loop: object): Promise<void> {
  await until(`pod ${pod} takes calls`, async () => {
    const started = await ask(cluster, pod, loop).catch(() => undefined);
    return started !== undefined;
  });
}

/** Starts a pod's loop, or takes what it has seen since it was last asked. */
async function ask(cluster: Cluster, pod: string, loop?: object): Promise<LoopReport> {
  const place = `/api/v1/namespaces/${namespaceOf(WORKLOAD)}/pods/${pod}:${PORT}/proxy/loop`;
  const { status, text } = await askApi(cluster.api, place, loop);
  if (status !== 200) throw new BenchError(`pod ${pod} does not answer: ${status} ${text}`);
  return JSON.parse(text) as LoopReport;
}
