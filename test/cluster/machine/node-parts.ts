import path from 'node:path';
import { type ApiAddress, askApi } from '../ask-api.ts';
import type { Start } from '../control-plane-parts.ts';
import { NODE_NAME } from '../credentials.ts';
import type { Part } from '../part.ts';
import { findTool } from '../tool.ts';
import type { Network } from './network.ts';
import { CLUSTER_DOMAIN, INSIDE } from './node-files.ts';

const CONTAINERD_WITHIN_MS = 30_000;
const SERVED_WITHIN_MS = 30_000;
const NODE_WITHIN_MS = 90_000;
const DNS = path.join(import.meta.dirname, '../dns/main.ts');

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** Where the parts of a node run and whom they ask. */
export interface NodeSetting {
  readonly start: Start;
  /** Runs a command inside to its end. */
  readonly runInside: (command: readonly string[]) => Promise<string>;
  readonly api: ApiAddress;
  readonly network: Network;
}

export async function startContainerd({ start, runInside }: NodeSetting): Promise<Part> {
  const containerd = start('containerd', [
    await findTool('containerd'),
    '--config',
    `${INSIDE}/containerd.toml`,
  ]);
  const ctr = [await findTool('ctr'), '--address', CONTAINERD_SOCKET];
  await containerd.ready(async () => Boolean(await runInside([...ctr, 'version'])), CONTAINERD_WITHIN_MS);
  return containerd;
}

export async function startScheduler({ start }: NodeSetting): Promise<Part> {
  return start('kube-scheduler', [
    await findTool('kube-scheduler'),
    `--kubeconfig=${INSIDE}/credentials/kube-scheduler.kubeconfig`,
    '--leader-elect=false',
    '--secure-port=0',
  ]);
}

export async function startProxy({ start, runInside }: NodeSetting): Promise<Part> {
  const proxy = start('kube-proxy', [await findTool('kube-proxy'), `--config=${INSIDE}/kube-proxy.json`]);
  const save = await findTool('iptables-save');
  // The API server's own Service is the first that it serves.
  await proxy.ready(
    async () => (await runInside([save, '-t', 'nat'])).includes('default/kubernetes:https'),
    SERVED_WITHIN_MS,
  );
  return proxy;
}

/** Starts the kubelet and waits until its node is Ready. */
export async function startKubelet({ start, api, network }: NodeSetting): Promise<Part> {
  const kubelet = start('kubelet', [
    await findTool('kubelet'),
    `--config=${INSIDE}/kubelet.json`,
    `--kubeconfig=${INSIDE}/credentials/kubelet.kubeconfig`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${network.node}`,
    `--root-dir=${INSIDE}/kubelet`,
    `--cert-dir=${INSIDE}/kubelet/pki`,
  ]);
  await kubelet.ready(() => isNodeReady(api), NODE_WITHIN_MS);
  return kubelet;
}

/** Starts what answers for names: those of Services, and those that stand in names.json. */
export async function startDns({ start, network, runInside }: NodeSetting): Promise<Part> {
  const dns = start('dns', [process.execPath, DNS, network.node, `${INSIDE}/dns.json`]);
  await dns.ready(
    async () => (await runInside(['cat', '/proc/net/udp'])).includes(':0035 '),
    SERVED_WITHIN_MS,
  );
  return dns;
}

export function dnsSources(api: ApiAddress): unknown {
  return { namesFile: `${INSIDE}/names.json`, api, clusterDomain: CLUSTER_DOMAIN };
}

async function isNodeReady(api: ApiAddress): Promise<boolean> {
  const { status, text } = await askApi(api, `/api/v1/nodes/${NODE_NAME}`);
  if (status !== 200) return false;
  const node = JSON.parse(text) as { status: { conditions?: { type: string; status: string }[] } };
  return (node.status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}
