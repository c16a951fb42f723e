import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import type { ApiServer } from '../../../cluster/api-server.ts';
import { startPart } from '../../../cluster/part.ts';
import { findTool } from '../../../cluster/tool.ts';
import type { IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESS } from './addresses.ts';
import { certificateSecret, gatewayObjects, RUNNING_GATEWAY, SYSTEM_NAMESPACE } from './cluster-objects.ts';
import { apply, applyFiles, type Environment, run } from './environment.ts';
import { serveSecrets } from './secrets.ts';

const GRPC_PORT = 15010;
const HTTP_PORT = 15080;
const SECRETS_PORT = 15999;
const READY_WITHIN_MS = 90_000;

/** What the control plane would need an injected agent, or Envoy extensions of Istio's own, for. */
const WITHOUT_AGENT = {
  PILOT_ENABLE_ALPN_FILTER: 'false',
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  ENABLE_CA_SERVER: 'false',
  XDS_AUTH_PLAINTEXT: 'true',
  PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: 'false',
} as const;

const MESH = 'enableAutoMtls: false\ndefaultProviders: {}\n';

/** Starts the real control plane of Istio against that API server. */
async function startControlPlane(api: ApiServer): Promise<void> {
  const mesh = path.join(api.folder, 'mesh.yaml');
  await writeFile(mesh, MESH);
  const settings = Object.entries(WITHOUT_AGENT).map(([name, value]) => `${name}=${value}`);
  const part = startPart({
    name: 'pilot-discovery',
    logFile: path.join(api.folder, 'pilot-discovery.log'),
    command: [
      'env',
      ...settings,
      await findTool('pilot-discovery'),
      'discovery',
      `--kubeconfig=${api.kubeconfig}`,
      `--meshConfig=${mesh}`,
      `--namespace=${SYSTEM_NAMESPACE}`,
      `--httpAddr=127.0.0.1:${HTTP_PORT}`,
      '--httpsAddr=',
      `--grpcAddr=127.0.0.1:${GRPC_PORT}`,
      '--secureGRPCAddr=',
      '--monitoringAddr=127.0.0.1:15014',
    ],
  });
  await part.ready(async () => (await fetch(`http://127.0.0.1:${HTTP_PORT}/ready`)).ok, READY_WITHIN_MS);
}

interface GatewayIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly labels: JsonObject;
}

/** Runs the objects on Istio: the control plane, and a stock Envoy as the gateway's pod. */
export async function serveWithIstio(environment: Environment, input: IngressInput): Promise<void> {
  const { api, authority, certificate, settings } = environment;
  const gateway = gatewayOf(environment, input);
  await applyFiles(api, [await findTool('istio-crds'), await findTool('gateway-api-crds')]);
  await apply(api, [
    gatewayClass(settings.gatewayApi?.className ?? 'istio'),
    certificateSecret(settings.tlsSecret, gateway.namespace, certificate),
    ...gatewayObjects(gateway.name, gateway.namespace, gateway.labels),
  ]);
  const status = ['--subresource=status', `--patch=${JSON.stringify(RUNNING_GATEWAY)}`];
  await run(api, ['patch', 'pod', gateway.name, `--namespace=${gateway.namespace}`, ...status]);
  await serveSecrets(SECRETS_PORT, authority.cert);
  await startControlPlane(api);
  await apply(api, input.objects);
  const bootstrap = path.join(api.folder, 'gateway.json');
  await writeFile(bootstrap, JSON.stringify(await bootstrapOf(api, gateway)));
  startPart({
    name: 'envoy',
    logFile: path.join(api.folder, 'envoy.log'),
    command: [input.envoy, '-c', bootstrap, '--log-level', 'warning'],
  });
}

/** The pod that serves as gateway: Istio's own, or the one that an implementation runs for a Gateway. */
function gatewayOf({ plan, settings }: Environment, { kind }: IngressInput): GatewayIdentity {
  if (kind === 'istio')
    return { name: 'istio-ingressgateway', namespace: SYSTEM_NAMESPACE, labels: settings.istio.selector };
  const name = `shunt-${plan.diversion}`;
  return {
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

/** The bootstrap of a stock Envoy that runs as a gateway of Istio's, with a token of the gateway's account. */
async function bootstrapOf(
  api: ApiServer,
  { name, namespace, labels }: GatewayIdentity,
): Promise<JsonObject> {
  const account = [name, `--namespace=${namespace}`, '--audience=istio-ca'];
  const token = (await run(api, ['create', 'token', ...account])).trim();
  return {
    node: {
      id: `router~${GATEWAY_ADDRESS}~${name}.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${name}.${namespace}`,
      metadata: {
        NAMESPACE: namespace,
        LABELS: labels,
        SERVICE_ACCOUNT: name,
        CLUSTER_ID: 'Kubernetes',
        ISTIO_VERSION: '1.31.0',
      },
    },
    // As Istio's own bootstrap has it.
    layered_runtime: {
      layers: [{ name: 'static', static_layer: { re2: { max_program_size: { error_level: 32_768 } } } }],
    },
    static_resources: {
      clusters: [grpcCluster('xds-grpc', GRPC_PORT), grpcCluster('sds-grpc', SECRETS_PORT)],
    },
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: { cluster_name: 'xds-grpc' },
            initial_metadata: [{ key: 'authorization', value: `Bearer ${token}` }],
          },
        ],
      },
      lds_config: { ads: {}, resource_api_version: 'V3' },
      cds_config: { ads: {}, resource_api_version: 'V3' },
    },
  };
}

function grpcCluster(name: string, port: number): JsonObject {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: [
            { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } },
          ],
        },
      ],
    },
  };
}
