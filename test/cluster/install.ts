import path from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { makeDeclaredNamespaces } from './declared.ts';
import { helm } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { namespaceOf, optedIn, type Requests, type WorkloadName, workloadManifest } from './workload.ts';

const CHART = path.join(import.meta.dirname, '../../chart');
export const RELEASE = 'shunt';
export const NAMESPACE = 'shunt-system';

/** Installs or upgrades the chart, or another folder's, and waits until its Deployment is available. */
export async function installChart(kubeconfig: string, chart = CHART): Promise<void> {
  const place = ['-n', NAMESPACE, '--create-namespace', '--wait', '--timeout', '90s'];
  await makeDeclaredNamespaces(kubeconfig, chart);
  await helm({ kubeconfig }, ['upgrade', '--install', RELEASE, chart, ...place]);
}

/** kubectl itself says that a rollout takes too long. */
const MARGIN_S = 10;

export interface WorkloadSize {
  readonly replicas: number;
  /** What each container of it asks for; little unless told. */
  readonly requests?: Requests;
  /** How long it may take until all of them run, in seconds. */
  readonly withinS: number;
}

/** Runs a workload of the fixtures in a namespace that has opted in, and waits until it is available. */
export async function installWorkload(
  kubeconfig: string,
  workload: WorkloadName,
  { replicas, requests, withinS }: WorkloadSize = { replicas: 1, withinS: 90 },
): Promise<void> {
  const namespace = namespaceOf(workload);
  const run = async (args: readonly string[], input?: unknown): Promise<void> => {
    const { status, text } = await kubectl(kubeconfig, args, input, (withinS + MARGIN_S) * 1000);
    if (status === 0) return;
    const pods = await kubectl(kubeconfig, ['-n', namespace, 'describe', 'pods']);
    throw new ClusterError(`${workload} does not run: ${text.trim()}\n${pods.text.slice(-3000)}`);
  };
  await run(['apply', '-f', '-'], optedIn(namespace));
  await run(['apply', '-f', '-'], await workloadManifest(workload, replicas, requests));
  await run(['-n', namespace, 'rollout', 'status', 'deployment', `--timeout=${withinS}s`]);
}
