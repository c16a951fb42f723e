import path from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { helm } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { namespaceOf, optedIn, type WorkloadName, workloadManifest } from './workload.ts';

const CHART = path.join(import.meta.dirname, '../../chart');
export const RELEASE = 'shunt';
export const NAMESPACE = 'shunt-system';

/** Installs or upgrades the chart and waits until its Deployment is available. */
export async function installChart(kubeconfig: string, values: readonly string[] = []): Promise<void> {
  const place = ['-n', NAMESPACE, '--create-namespace', '--wait', '--timeout', '90s'];
  await helm({ kubeconfig }, ['upgrade', '--install', RELEASE, CHART, ...place, ...values]);
}

/** Runs a workload of the fixtures in a namespace that has opted in, and waits until it is available. */
export async function installWorkload(
  kubeconfig: string,
  workload: WorkloadName,
  replicas = 1,
): Promise<void> {
  const namespace = namespaceOf(workload);
  const run = async (args: readonly string[], input?: unknown): Promise<void> => {
    const { status, text } = await kubectl(kubeconfig, args, input);
    if (status === 0) return;
    const pods = await kubectl(kubeconfig, ['-n', namespace, 'describe', 'pods']);
    throw new ClusterError(`${workload} does not run: ${text.trim()}\n${pods.text.slice(-3000)}`);
  };
  await run(['apply', '-f', '-'], optedIn(namespace));
  await run(['apply', '-f', '-'], await workloadManifest(workload, replicas));
  await run(['-n', namespace, 'rollout', 'status', 'deployment', '--timeout=90s']);
}
