import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { startPart } from '../../../cluster/part.ts';
import { findTool } from '../../../cluster/tool.ts';
import { startContainer } from '../../../stage/container.ts';
import { machineMounts } from '../../../stage/machine-files.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { apply, applyFiles } from '../../istio/api.ts';
import type { IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT, podAddress, ROUTER_ADDRESS } from './addresses.ts';
import { certificateSecret, endpointSlice } from './cluster-objects.ts';
import type { Environment } from './environment.ts';

const XDS_PORT = 15_001;
const HEALTH_PORT = 15_002;
const READY_WITHIN_MS = 60_000;
const HEALTHY_WITHIN_MS = 20_000;

/** Runs the objects on Contour: the controller, its stock Envoy, and the pod that the objects ask for. */
export async function serveWithContour(environment: Environment, input: IngressInput): Promise<void> {
  const { api, settings, certificate } = environment;
  await applyFiles(api, [await findTool('contour-crds')]);
  await apply(api, [
    certificateSecret(settings.tlsSecret, settings.namespace, certificate),
    ...input.objects,
  ]);
  await runRouter(environment, input);
  const contour = await findTool('contour');
  const controller = startPart({
    name: 'contour',
    logFile: path.join(api.folder, 'contour.log'),
    command: [
      contour,
      'serve',
      '--no-incluster',
      `--kubeconfig=${api.kubeconfig}`,
      `--ingress-class-name=${settings.plain?.className}`,
      '--insecure',
      '--disable-leader-election',
      '--xds-address=127.0.0.1',
      `--xds-port=${XDS_PORT}`,
      '--health-address=127.0.0.1',
      `--health-port=${HEALTH_PORT}`,
      '--http-address=127.0.0.1',
      '--http-port=15003',
      '--debug-http-port=15004',
      `--envoy-service-https-address=${GATEWAY_ADDRESS}`,
      `--envoy-service-https-port=${GATEWAY_PORT}`,
      `--envoy-service-http-address=${GATEWAY_ADDRESS}`,
    ],
  });
  await controller.ready(
    async () => (await fetch(`http://127.0.0.1:${HEALTH_PORT}/healthz`)).ok,
    READY_WITHIN_MS,
  );
  const bootstrap = path.join(api.folder, 'contour-envoy.json');
  await startPart({
    name: 'contour bootstrap',
    logFile: path.join(api.folder, 'bootstrap.log'),
    command: [
      contour,
      'bootstrap',
      bootstrap,
      '--xds-address=127.0.0.1',
      `--xds-port=${XDS_PORT}`,
      `--admin-address=${api.folder}/admin.sock`,
    ],
  }).ready(async () => existsSync(bootstrap), READY_WITHIN_MS);
  startPart({
    name: 'envoy',
    logFile: path.join(api.folder, 'envoy.log'),
    command: [input.envoy, '-c', bootstrap, '--service-node', 'stage', '--service-cluster', 'stage'],
  });
}

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly ports: readonly { readonly containerPort: number }[];
}

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
}

/** Runs what the Deployment among the objects says, as a process, and tells the cluster where it is. */
async function runRouter(
  { api, authority, plan, settings }: Environment,
  input: IngressInput,
): Promise<void> {
  const find = (kind: string): unknown => input.objects.find((object) => object['kind'] === kind);
  const { metadata, spec } = find('Deployment') as Deployment;
  const { data } = find('ConfigMap') as { readonly data: Readonly<Record<string, string>> };
  const [container] = spec.template.spec.containers;
  const folder = path.join(api.folder, 'router');
  await mkdir(folder);
  const services = Object.values(settings.services);
  const hosts = services.map(({ address }, index) => [address, podAddress(index)] as const);
  const mounts = await machineMounts(folder, {
    hosts: Object.fromEntries(hosts),
    authorities: [
      { path: settings.caFile, pem: authority.cert },
      ...Object.entries(data).map(([name, pem]) => ({ path: `/etc/envoy/${name}`, pem })),
    ],
  });
  const envoyFolder = path.dirname(await realpath(input.envoy));
  const running = await startContainer(
    {
      name: 'router',
      command: [...container.command, ...container.args, '--disable-hot-restart'],
      env: {},
      path: [envoyFolder],
      mounts: [
        ...mounts,
        { target: '/run/shunt', readOnly: false },
        { target: envoyFolder, source: envoyFolder, readOnly: true },
      ],
      readOnlyRoot: true,
    },
    folder,
  );
  const health = `http://${ROUTER_ADDRESS}:${plan.sidecar.telemetryPort}/healthz`;
  const deadline = performance.now() + HEALTHY_WITHIN_MS;
  while (
    !(await fetch(health).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > deadline)
      throw new StageError(`the router is not healthy: ${running.output().slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const port = container.ports[0]?.containerPort ?? 0;
  await apply(api, [
    endpointSlice({
      name: metadata.name,
      namespace: settings.namespace,
      address: ROUTER_ADDRESS,
      portName: 'http',
      port,
    }),
  ]);
}
