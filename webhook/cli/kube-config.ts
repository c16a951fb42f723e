import { KubeConfig } from '@kubernetes/client-node';
import { failure, type Result, success } from '../core/problem.ts';

/**
 * The API server that a file names; without one, that of the pod that this runs in (`cluster`), or the one that
 * kubectl would take (`user`).
 */
export function loadKubeConfig(file: string | undefined, otherwise: 'cluster' | 'user'): Result<KubeConfig> {
  const config = new KubeConfig();
  try {
    if (file !== undefined) config.loadFromFile(file);
    else if (otherwise === 'cluster') config.loadFromCluster();
    else config.loadFromDefault();
    const server = config.getCurrentCluster()?.server ?? '';
    if (server.startsWith('https://') && !server.includes('undefined')) return success(config);
    throw new Error(`no API server to be reached by https (found ${server || 'none'})`);
  } catch (error) {
    const remedy =
      otherwise === 'cluster'
        ? 'run inside a cluster, give --kubeconfig, or --standalone'
        : 'give --kubeconfig, or set KUBECONFIG';
    const message = `cannot be found: ${(error as Error).message}`;
    return failure([{ code: 'cluster', path: file ?? '', value: undefined, message, remedy }]);
  }
}
