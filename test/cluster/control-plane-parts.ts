import { askApi } from './ask-api.ts';
import { apiServerFlags, type ControlPlane, controllerManagerFlags, etcdFlags } from './control-plane.ts';
import type { Part } from './part.ts';
import { findTool } from './tool.ts';

const ETCD_WITHIN_MS = 30_000;
const API_WITHIN_MS = 90_000;
const CONTROLLERS_WITHIN_MS = 60_000;

/** Starts a process of that name, wherever the cluster lives. */
export type Start = (name: string, command: readonly string[]) => Part;

/** Starts etcd and waits until it answers. */
export async function startEtcd(plane: ControlPlane, start: Start): Promise<Part> {
  const etcd = start('etcd', [await findTool('etcd'), ...etcdFlags(plane)]);
  const health = `http://${plane.address}:${plane.etcdPort}/health`;
  await etcd.ready(async () => (await fetch(health)).ok, ETCD_WITHIN_MS);
  return etcd;
}

/** Starts kube-apiserver and waits until it says that it is ready. */
export async function startApi(
  plane: ControlPlane,
  start: Start,
  flags: readonly string[] = [],
): Promise<Part> {
  const server = start('kube-apiserver', [
    await findTool('kube-apiserver'),
    ...apiServerFlags(plane),
    ...flags,
  ]);
  await server.ready(async () => (await ask(plane, '/readyz')).status === 200, API_WITHIN_MS);
  return server;
}

/** Starts kube-controller-manager and waits until pods can be created in the namespace `default`. */
export async function startControllers(plane: ControlPlane, start: Start, kubeconfig: string): Promise<Part> {
  const manager = start('kube-controller-manager', [
    await findTool('kube-controller-manager'),
    ...controllerManagerFlags(plane.credentials, kubeconfig),
  ]);
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await manager.ready(async () => (await ask(plane, account)).status === 200, CONTROLLERS_WITHIN_MS);
  return manager;
}

function ask({ address, apiPort, credentials }: ControlPlane, path: string) {
  const url = `https://${address}:${apiPort}`;
  return askApi({ url, ca: credentials.ca, token: credentials.tokens.admin }, path);
}
