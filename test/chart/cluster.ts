import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { type Answer, type Call, callApi } from '../cluster/call-api.ts';
import { makeDeclaredNamespaces } from '../cluster/declared.ts';
import { helm } from '../cluster/helm.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { CHART, type HelmVersion } from './helm.ts';

/** An API server on which charts are installed. */
export interface Cluster {
  readonly api: ApiServer;
  /** As the administrator. */
  readonly call: (call: Call) => Promise<Answer>;
  /** As the service account of that release. */
  readonly callAs: (namespace: string, account: string) => Promise<(call: Call) => Promise<Answer>>;
  readonly createNamespace: (name: string, labels?: Readonly<Record<string, string>>) => Promise<void>;
  readonly helm: (version: HelmVersion, ...args: string[]) => Promise<string>;
  readonly kubectl: (...args: string[]) => Promise<string>;
}

export const OPTED_IN = { 'shunt.wikimedia.org/inject': 'enabled' };

/** The release that most tests look at. */
export const RELEASE = { name: 'testwiki', namespace: 'shunt', account: 'pretrain-shunt-testwiki' } as const;

export async function startCluster(): Promise<Cluster> {
  const api = await startApiServer();
  const admin = { url: api.url, ca: api.ca, token: api.adminToken };
  const call = (asked: Call) => callApi(admin, asked);
  const run = async (...args: string[]): Promise<string> => {
    const { status, text } = await kubectl(api.kubeconfig, args);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${text}`);
    return text.trim();
  };
  return {
    api,
    call,
    kubectl: run,
    callAs: async (namespace, account) => {
      const token = await run('-n', namespace, 'create', 'token', account);
      return (asked) => callApi({ ...admin, token }, asked);
    },
    createNamespace: async (name, labels = {}) => {
      const body = { metadata: { name, labels } };
      const { status } = await call({ method: 'POST', path: '/api/v1/namespaces', body });
      if (status === 201) return;
      // One that the chart needed is there already.
      const type = 'application/merge-patch+json';
      const changed = await call({ method: 'PATCH', path: `/api/v1/namespaces/${name}`, type, body });
      if (changed.status !== 200) throw new Error(`namespace ${name}: ${status}, ${changed.status}`);
    },
    helm: (version, ...args) => helm({ kubeconfig: api.kubeconfig, version }, args),
  };
}

/** Installs a chart as a release, in a namespace that is made for it. */
export async function install(
  cluster: Cluster,
  release: { readonly name: string; readonly namespace: string } = RELEASE,
  chart = CHART,
  ...more: string[]
): Promise<void> {
  await cluster.createNamespace(release.namespace);
  await makeDeclaredNamespaces(cluster.api.kubeconfig, chart);
  await cluster.helm('3', 'install', release.name, chart, '-n', release.namespace, ...more);
}
