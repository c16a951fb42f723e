import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { upstreamSites } from '../../../../webhook/core/ingress-all.ts';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import { startPart } from '../../../cluster/part.ts';
import { findTool } from '../../../cluster/tool.ts';
import { apply, applyFiles, run } from '../../istio/api.ts';
import {
  type ProxyIdentity,
  proxyBootstrap,
  SECRETS_PORT,
  SYSTEM_NAMESPACE,
  startControlPlane,
} from '../../istio/control-plane.ts';
import { serveSecrets } from '../../istio/secrets.ts';
import type { IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESS } from './addresses.ts';
import { certificateSecret, gatewayObjects, RUNNING_GATEWAY } from './cluster-objects.ts';
import type { Environment } from './environment.ts';

/** Runs the objects on Istio: the control plane, and a stock Envoy as the gateway's pod. */
export async function serveWithIstio(environment: Environment, input: IngressInput): Promise<void> {
  const { api, authority, certificate, plan, settings } = environment;
  const gateway = gatewayOf(environment, input);
  const ports = upstreamSites(plan, settings).map(({ port }) => port);
  await applyFiles(api, [await findTool('istio-crds'), await findTool('gateway-api-crds')]);
  await apply(api, [
    gatewayClass(settings.gatewayApi?.className ?? 'istio'),
    ...[settings, ...plan.edges.ingressAll].map(({ tlsSecret }) =>
      certificateSecret(tlsSecret, gateway.namespace, certificate),
    ),
    ...gatewayObjects(gateway.name, gateway.namespace, gateway.labels, ports),
  ]);
  const status = ['--subresource=status', `--patch=${JSON.stringify(RUNNING_GATEWAY)}`];
  await run(api, ['patch', 'pod', gateway.name, `--namespace=${gateway.namespace}`, ...status]);
  await serveSecrets(SECRETS_PORT, authority.cert);
  await startControlPlane(api);
  await apply(api, input.objects);
  const bootstrap = path.join(api.folder, 'gateway.json');
  await writeFile(bootstrap, JSON.stringify(await proxyBootstrap(api, gateway)));
  startPart({
    name: 'envoy',
    logFile: path.join(api.folder, 'envoy.log'),
    command: [input.envoy, '-c', bootstrap, '--log-level', 'warning'],
  });
}

/** The pod that serves as gateway: Istio's own, or the one that an implementation runs for a Gateway. */
function gatewayOf({ plan, settings }: Environment, { kind }: IngressInput): ProxyIdentity {
  const gateway = { type: 'router', address: GATEWAY_ADDRESS } as const;
  if (kind === 'istio') {
    const labels = settings.istio.selector;
    return { ...gateway, name: 'istio-ingressgateway', namespace: SYSTEM_NAMESPACE, labels };
  }
  const name = `shunt-${plan.diversion}`;
  return {
    ...gateway,
    name: `${name}-${settings.gatewayApi?.className}`,
    namespace: settings.namespace,
    labels: { 'gateway.networking.k8s.io/gateway-name': name },
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
