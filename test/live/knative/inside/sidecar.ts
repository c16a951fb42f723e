import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import { startApiServer } from '../../../cluster/api-server.ts';
import { findTool } from '../../../cluster/tool.ts';
import { type RunningContainer, startContainer } from '../../../stage/container.ts';
import { StageError } from '../../../stage/stage-error.ts';
import type { World } from '../../../stage/world.ts';
import { apply, applyFiles } from '../../istio/api.ts';
import {
  proxyBootstrap,
  SECRETS_PORT,
  SYSTEM_NAMESPACE,
  startControlPlane,
} from '../../istio/control-plane.ts';
import { hasMarker, marker } from '../../istio/marker.ts';
import { refusalsAt } from '../../istio/refusals.ts';
import { replace } from '../../istio/replace.ts';
import { serveSecrets } from '../../istio/secrets.ts';
import { MESH_NAMESPACE, meshObjects } from '../mesh-objects.ts';

export const ADMIN_PORT = 15_000;
const TAKEN_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 100;

/** As on the cluster of the model servers: what is in no registry is not reached. */
const MESH = 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n';

/** A pod of the mesh; without an init container that catches its traffic, the sidecar listens on loopback. */
const POD = {
  type: 'sidecar',
  address: '127.0.0.1',
  name: 'model',
  namespace: 'models',
  labels: { app: 'model' },
  metadata: { INTERCEPTION_MODE: 'NONE' },
} as const;

/** The threads of the proxy open their listeners one after the other. */
const SETTLE_MS = 1_500;

/** A sidecar that follows a control plane, which follows the values of a cluster. */
export interface MeshSidecar {
  /** Puts these values in the place of the last ones, and waits until the sidecar has taken them. */
  readonly take: (values: JsonObject) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startMeshSidecar(envoy: string, world: World, scratch: string): Promise<MeshSidecar> {
  const api = await startApiServer();
  await applyFiles(api, [await findTool('istio-crds')]);
  await apply(api, [
    ...[SYSTEM_NAMESPACE, MESH_NAMESPACE, POD.namespace].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: POD.name, namespace: POD.namespace } },
  ]);
  await serveSecrets(SECRETS_PORT, world.authority.cert);
  await startControlPlane(api, MESH);
  const folder = path.join(scratch, 'sidecar');
  await mkdir(folder, { recursive: true });
  const admin = { address: { socket_address: { address: '127.0.0.1', port_value: ADMIN_PORT } } };
  const bootstrap = { ...(await proxyBootstrap(api, POD)), admin };
  await writeFile(path.join(folder, 'envoy.json'), JSON.stringify(bootstrap));
  const tool = path.dirname(await realpath(envoy));
  const proxy = await startContainer(
    {
      name: 'envoy',
      command: ['envoy', '-c', '/etc/envoy/envoy.json', '--disable-hot-restart', '--log-level', 'warning'],
      env: {},
      mounts: [
        ...world.mounts,
        { target: '/etc/envoy', source: folder, readOnly: true },
        { target: tool, source: tool, readOnly: true },
      ],
      path: [tool],
      readOnlyRoot: true,
    },
    scratch,
  );
  let generation = 0;
  let present: readonly JsonObject[] = [];
  return {
    take: async (values) => {
      const objects = [...meshObjects(values), marker(++generation, MESH_NAMESPACE)];
      const leftovers = present;
      // Should some be refused, the others are there all the same.
      present = [...present, ...objects];
      await replace(api, leftovers, objects);
      present = objects;
      await waitUntilTaken(generation, proxy);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    },
    stop: async () => {
      proxy.process.kill('SIGKILL');
      await api.stop();
    },
  };
}

async function waitUntilTaken(generation: number, proxy: RunningContainer): Promise<void> {
  const deadline = performance.now() + TAKEN_WITHIN_MS;
  const before = await refusalsAt(ADMIN_PORT);
  while (!(await hasTaken(generation).catch(() => false))) {
    if ((await refusalsAt(ADMIN_PORT)) > before)
      throw new StageError(`the sidecar refuses its configuration: ${proxy.output().slice(-3000)}`);
    if (performance.now() > deadline)
      throw new StageError(`the sidecar does not take its configuration: ${proxy.output().slice(-3000)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

/** The routes are the last to arrive. */
async function hasTaken(generation: number): Promise<boolean> {
  const dump = await fetch(`http://127.0.0.1:${ADMIN_PORT}/config_dump`);
  return hasMarker(await dump.text(), generation);
}
