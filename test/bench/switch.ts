import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askApi } from '../cluster/ask-api.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { helm } from '../cluster/helm.ts';
import { installChart, installWorkload, NAMESPACE, RELEASE } from '../cluster/install.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { until } from '../cluster/release.ts';
import { namespaceOf } from '../cluster/workload.ts';
import { type Change, diversionText } from '../fixtures/diversions.ts';
import type { LoopReport } from '../images/app-server.ts';
import { diversion, planOf } from '../live/ask.ts';
import { productionSite, startWorld, targetSite } from '../stage/world.ts';
import { BenchError } from './bench-error.ts';
import { generateChart } from './generate-chart.ts';

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
/** Between two looks; once no sidecar has decided as before for so long, the switch is over. */
const LOOK_EVERY_MS = 4_000;
const LONGEST_MS = 90_000;
/** So little that many fit on one node: how fast they follow does not depend on what they ask for. */
const REQUESTS = { cpu: '3m', memory: '16Mi' } as const;
const RESOURCES = '{ cpuRequest: 3m, memoryRequest: 16Mi, cpuLimit: 500m, memoryLimit: 500Mi }';
const LIGHT: Change = [
  '    telemetryPort: 1667\n',
  `    telemetryPort: 1667\n    resources: ${RESOURCES}\n    configResources: ${RESOURCES}\n`,
];
const START_S = 60;
const START_EACH_S = 10;

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
    const chart = await generateChart(scratch, diversionText(LIGHT));
    await installChart(cluster.kubeconfig, chart);
    const withinS = START_S + START_EACH_S * sidecars;
    await installWorkload(cluster.kubeconfig, WORKLOAD, { replicas: sidecars, requests: REQUESTS, withinS });
    return await measure(cluster, chart, options);
  } finally {
    await cluster.stop();
    await world.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(
  cluster: Cluster,
  chart: string,
  options: SwitchBenchOptions,
): Promise<SwitchMeasured> {
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
    await helm(cluster, ['upgrade', RELEASE, chart, '-n', NAMESPACE, '--set', `share=${share}`]);
    const returnedMs = Date.now();
    const reports = await reportsUntilSettled(cluster, pods, old ?? '');
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

/** What the loops report, a report a pod and look, until none of them shows the old site any more. */
async function reportsUntilSettled(
  cluster: Cluster,
  pods: readonly string[],
  old: string,
): Promise<LoopReport[]> {
  const all: LoopReport[] = [];
  const deadlineMs = performance.now() + LONGEST_MS;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const reports = await Promise.all(pods.map((pod) => ask(cluster, pod)));
    all.push(...reports);
    if (reports.every((report) => report[old] === undefined)) return all;
    if (performance.now() > deadlineMs) throw new BenchError(`${old} still answers after ${LONGEST_MS} ms`);
  }
}

async function podNames(cluster: Cluster): Promise<string[]> {
  const args = ['-n', namespaceOf(WORKLOAD), 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'];
  return (await kubectl(cluster.kubeconfig, args)).text.trim().split(' ');
}

/** The app listens some time after its container was started, and no probe tells. */
async function startLoop(cluster: Cluster, pod: string, loop: object): Promise<void> {
  const isStarted = async () => (await ask(cluster, pod, loop).catch(() => undefined)) !== undefined;
  await until(`pod ${pod} takes calls`, isStarted, LONGEST_MS);
}

/** Starts a pod's loop, or takes what it has seen since it was last asked. */
async function ask(cluster: Cluster, pod: string, loop?: object): Promise<LoopReport> {
  const place = `/api/v1/namespaces/${namespaceOf(WORKLOAD)}/pods/${pod}:${PORT}/proxy/loop`;
  const { status, text } = await askApi(cluster.api, place, loop);
  if (status !== 200) throw new BenchError(`pod ${pod} does not answer: ${status} ${text}`);
  return JSON.parse(text) as LoopReport;
}
