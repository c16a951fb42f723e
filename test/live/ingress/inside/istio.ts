import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import { upstreamSites } from '../../../../webhook/edges/ingress/upstream-sites.ts';
import { startPart } from '../../../cluster/part.ts';
import { findTool } from '../../../cluster/tool.ts';
import { apply, applyFiles, run } from '../../istio/api.ts';
import {
  proxyBootstrap,
  SECRETS_PORT,
  SYSTEM_NAMESPACE,
  startControlPlane,
} from '../../istio/control-plane.ts';
import { serveSecrets } from '../../istio/secrets.ts';
import type { IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESSES } from './addresses.ts';
import { certificateSecret, type GatewayPod, gatewayObjects, runningStatus } from './cluster-objects.ts';
import type { Environment } from './environment.ts';

const ADMIN_PORT = 15_100;

/**
 * Runs the objects on Istio: the control plane, and a stock Envoy as the pod of each gateway. Gives the ports at which
 * these Envoys tell what they have taken.
 */
export async function serveWithIstio(environment: Environment, input: IngressInput): Promise<number[]> {
  const { api, authority, certificate, plan, settings } = environment;
  const pods = gatewayPods(environment, input);
  const secrets = new Set([settings, ...plan.edges.ingressAll].map(({ tlsSecret }) => tlsSecret));
  await applyFiles(api, [await findTool('istio-crds'), await findTool('gateway-api-crds')]);
  await apply(api, [
    gatewayClass(settings.gatewayApi?.className ?? 'istio'),
    ...[...new Set(pods.map(({ namespace }) => namespace))].flatMap((namespace) =>
      [...secrets].map((secret) => certificateSecret(secret, namespace, certificate)),
    ),
    ...pods.flatMap(gatewayObjects),
  ]);
  for (const { name, namespace, address } of pods) {
    const status = ['--subresource=status', `--patch=${JSON.stringify(runningStatus(address))}`];
    await run(api, ['patch', 'pod', name, `--namespace=${namespace}`, ...status]);
  }
  await serveSecrets(SECRETS_PORT, authority.cert);
  await startControlPlane(api);
  await apply(api, input.objects);
  const adminPorts: number[] = [];
  for (const pod of pods) {
    const bootstrap = path.join(api.folder, `${pod.name}.json`);
    const admin = {
      address: { socket_address: { address: '127.0.0.1', port_value: ADMIN_PORT + adminPorts.length } },
    };
    adminPorts.push(ADMIN_PORT + adminPorts.length);
    await writeFile(bootstrap, JSON.stringify({ ...(await proxyBootstrap(api, pod)), admin }));
    startPart({
      name: 'envoy',
      logFile: path.join(api.folder, `envoy-${pod.name}.log`),
      command: [input.envoy, '-c', bootstrap, '--log-level', 'warning', '--disable-hot-restart'],
    });
  }
  return adminPorts;
}

/** The pods that serve: Istio's own gateway, or what an implementation of the Gateway API runs for each Gateway. */
function gatewayPods({ plan, settings }: Environment, { kind, objects }: IngressInput): GatewayPod[] {
  const [address = ''] = GATEWAY_ADDRESSES;
  if (kind === 'istio') {
    const ports = [443, ...upstreamSites(plan, settings).map(({ port }) => port)];
    const { selector: labels } = settings.istio;
    return [
      { type: 'router', address, name: 'istio-ingressgateway', namespace: SYSTEM_NAMESPACE, labels, ports },
    ];
  }
  const gateways = objects.filter((object) => object['kind'] === 'Gateway') as unknown as Gateway[];
  return gateways.map(({ metadata: { name, namespace }, spec }, index) => ({
    type: 'router',
    address: GATEWAY_ADDRESSES[index] ?? address,
    name: `${name}-${spec.gatewayClassName}`,
    namespace,
    labels: { 'gateway.networking.k8s.io/gateway-name': name },
    ports: [...new Set(spec.listeners.map(({ port }) => port))],
  }));
}

interface Gateway {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly { readonly port: number }[];
  };
}

function gatewayClass(name: string): JsonObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name },
    spec: { controllerName: 'istio.io/gateway-controller' },
  };
}
