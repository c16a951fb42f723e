import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonObject } from '../../../webhook/core/json.ts';
import type { ApiServer } from '../../cluster/api-server.ts';
import { startPart } from '../../cluster/part.ts';
import { findTool } from '../../cluster/tool.ts';
import { run } from './api.ts';

export const SYSTEM_NAMESPACE = 'istio-system';

/** Where the stand-in of an agent serves secrets to the proxies. */
export const SECRETS_PORT = 15999;

const GRPC_PORT = 15010;
const HTTP_PORT = 15080;
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

/** Starts the real control plane of Istio against that API server, with settings of the mesh in YAML besides those of the stage. */
export async function startControlPlane(api: ApiServer, mesh = ''): Promise<void> {
  const file = path.join(api.folder, 'mesh.yaml');
  await writeFile(file, `${MESH}${mesh}`);
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
      `--meshConfig=${file}`,
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

/** A stock Envoy as the control plane knows it: the pod that it belongs to, and what it is there. */
export interface ProxyIdentity {
  readonly type: 'router' | 'sidecar';
  readonly address: string;
  /** Name of the pod, and of its account. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: JsonObject;
  readonly metadata?: JsonObject;
}

/** The bootstrap of a stock Envoy that runs as one of Istio's proxies, with a token of its account. */
export async function proxyBootstrap(api: ApiServer, proxy: ProxyIdentity): Promise<JsonObject> {
  const { type, address, name, namespace, labels } = proxy;
  const account = [name, `--namespace=${namespace}`, '--audience=istio-ca'];
  const token = (await run(api, ['create', 'token', ...account])).trim();
  return {
    node: {
      id: `${type}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${name}.${namespace}`,
      metadata: {
        NAMESPACE: namespace,
        LABELS: labels,
        SERVICE_ACCOUNT: name,
        CLUSTER_ID: 'Kubernetes',
        ISTIO_VERSION: '1.31.0',
        ...proxy.metadata,
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
