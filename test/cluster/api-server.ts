import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startApi, startControllers, startEtcd } from './control-plane-parts.ts';
import { makeCredentials } from './credentials.ts';
import { makeKeptFolder } from './keeper.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type Part, startPart } from './part.ts';
import { freePort } from './ports.ts';

const LOOPBACK = '127.0.0.1';
const NO_ACCOUNTS = '--disable-admission-plugins=ServiceAccount';

export interface ApiServerOptions {
  /** Also runs kube-controller-manager (Deployments, ServiceAccounts, garbage collection). Without it no pod needs a ServiceAccount. */
  readonly controllerManager?: boolean;
  /** Further flags of kube-apiserver. */
  readonly flags?: readonly string[];
}

/** A real API server on loopback, without nodes: what is created there is stored and admitted, and never runs. */
export interface ApiServer {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly url: string;
  /** The authority of its certificate, PEM. */
  readonly ca: string;
  /** Bearer token of the administrator. */
  readonly adminToken: string;
  /** Holds all its files, logs included; removed by `stop`. */
  readonly folder: string;
  /** Ends the API server's process and starts it anew on the same port and data; ready when this returns. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on free ports of loopback; many may run at once. Webhooks are reached by
 * `clientConfig.url`. Throws a ClusterError when a part does not start. Nothing of it outlives the process.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const folder = await makeKeptFolder('shunt-api-');
  const credentials = await makeCredentials(path.join(folder, 'credentials'), [LOOPBACK, 'localhost']);
  const plane = {
    address: LOOPBACK,
    etcdPort: await freePort(),
    apiPort: await freePort(),
    dataFolder: folder,
    credentials,
    serviceRange: '10.213.128.0/20',
  };
  const url = `https://${LOOPBACK}:${plane.apiPort}`;
  const flags = [...(options.controllerManager ? [] : [NO_ACCOUNTS]), ...(options.flags ?? [])];
  const start = (name: string, command: readonly string[]): Part =>
    startPart({ name, command, logFile: path.join(folder, `${name}.log`) });
  let api: Part | undefined;
  const others: Part[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([api?.stop(), ...others.slice(1).map((part) => part.stop())]);
    await others[0]?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    others.push(await startEtcd(plane, start));
    api = await startApi(plane, start, flags);
    if (options.controllerManager)
      others.push(
        await startControllers(
          plane,
          start,
          await writeKubeconfig(credentials, 'kube-controller-manager', url),
        ),
      );
    return {
      kubeconfig: await writeKubeconfig(credentials, 'admin', url),
      url,
      ca: credentials.ca,
      adminToken: credentials.tokens.admin,
      folder,
      restart: async () => {
        await api?.stop();
        api = await startApi(plane, start, flags);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
