import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Issued } from '../../webhook/controller/certificates.ts';
import type { ApiAddress } from './ask-api.ts';
import { ClusterError } from './cluster-error.ts';
import { runWhenGone } from './keeper.ts';
import type { Network } from './machine/network.ts';
import type { State } from './state.ts';

const SCRIPT = path.join(import.meta.dirname, '../../scripts/cluster');
const WITHIN_MS = 180_000;

/** A cluster of one node, for tests; it ends with the process that started it. */
export interface Cluster {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly url: string;
  /** The administrator's way to the API server. */
  readonly api: ApiAddress;
  /** Holds all its files, logs included; removed by `stop`. */
  readonly folder: string;
  /** The host is reached from pods at `network.host`. */
  readonly network: Network;
  /** What the stand-ins of proxies and apps trust; sign the certificates of a test's own services with it. */
  readonly worldAuthority: Issued;
  /** Addresses of names, for every pod and at once, beside those of Services. */
  readonly setNames: (names: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Runs `scripts/cluster up` with a folder of its own; throws a ClusterError when it fails. Takes root. */
export async function startCluster(options: readonly string[] = []): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shunt-cluster-'));
  const env = { ...process.env, SHUNT_CLUSTER_FOLDER: folder };
  runWhenGone([SCRIPT, 'down'], env);
  await script(['up', ...options], env);
  const at = (name: string): string => path.join(folder, name);
  const state = JSON.parse(await readFile(at('state.json'), 'utf8')) as State;
  if (!state.machine || !state.kubeconfig || !state.url)
    throw new ClusterError(`${folder} is no whole cluster`);
  return {
    kubeconfig: state.kubeconfig,
    url: state.url,
    api: {
      url: state.url,
      ca: await readFile(at('credentials/ca.crt'), 'utf8'),
      token: (await readFile(at('credentials/admin.token'), 'utf8')).trim(),
    },
    folder,
    network: state.machine.network,
    worldAuthority: {
      cert: await readFile(at('world/ca.crt'), 'utf8'),
      key: await readFile(at('world/ca.key'), 'utf8'),
    },
    setNames: (names) => writeFile(at('names.json'), `${JSON.stringify(names)}\n`),
    stop: () => script(['down'], env),
  };
}

function script(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(SCRIPT, args, { env, timeout: WITHIN_MS }, (error, _stdout, stderr) => {
      if (error) reject(new ClusterError(stderr.trim() || error.message));
      else resolve();
    });
  });
}
