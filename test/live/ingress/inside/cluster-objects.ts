import type { Issued } from '../../../../webhook/controller/certificates.ts';
import type { JsonObject } from '../../../../webhook/core/json.ts';
import { type ProxyIdentity, SYSTEM_NAMESPACE } from '../../istio/control-plane.ts';
import { GATEWAY_PORT, gatewayPort, podAddress } from './addresses.ts';

/** A Service of the stage, and the site that answers behind it. */
export interface StagedService {
  readonly site: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly certificateNames: readonly string[];
}

/** Both environments as they stand in the cluster before anything of ours: namespaces, Services, their pods' addresses. */
export function environmentObjects(services: readonly StagedService[]): JsonObject[] {
  const namespaces = new Set([SYSTEM_NAMESPACE, ...services.map(({ namespace }) => namespace)]);
  return [
    ...[...namespaces].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })),
    ...services.flatMap(({ name, namespace, port }, index) => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec: { ports: [{ name: `${name.slice(0, 9)}-https`, port, protocol: 'TCP' }] },
      },
      endpointSlice({
        name,
        namespace,
        address: podAddress(index),
        portName: `${name.slice(0, 9)}-https`,
        port,
      }),
    ]),
  ];
}

/** The certificate of the gateways, under the name that the diversion gives it. */
export function certificateSecret(name: string, namespace: string, { cert, key }: Issued): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace },
    stringData: { 'tls.crt': cert, 'tls.key': key },
  };
}

/** A gateway of the stage, as its controller would have made it. */
export interface GatewayPod extends ProxyIdentity {
  /** Ports of its Service. */
  readonly ports: readonly number[];
}

/** A Service that leads to one gateway of the stage, and its pod with its account. */
export function gatewayObjects({ name, namespace, labels, address, ports }: GatewayPod): JsonObject[] {
  const named = ports.map((port) => ({ name: `https-${port}`, port, targetPort: gatewayPort(port) }));
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    // As Istio installs its gateways: certificates are read in their own namespace.
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: labels, ports: named },
    },
    {
      ...endpointSlice({ name, namespace, address, portName: 'https', port: GATEWAY_PORT }),
      ports: named.map((port) => ({ name: port.name, port: port.targetPort, protocol: 'TCP' })),
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: { serviceAccountName: name, containers: [{ name: 'gateway', image: 'example.org/gateway:1' }] },
    },
  ];
}

/** What kubelet would say of the gateway's pod. */
export function runningStatus(address: string): JsonObject {
  return {
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

/** Where one Service leads. */
export function endpointSlice(slice: {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly portName: string;
  readonly port: number;
}): JsonObject {
  const { name, namespace, address, portName, port } = slice;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: portName, port, protocol: 'TCP' }],
  };
}
