import path from 'node:path';
import type { Credentials } from './credentials.ts';

/** Where the parts of a control plane listen, and what they read. */
export interface ControlPlane {
  /** Address of etcd, and of the API server's callers on this network. */
  readonly address: string;
  readonly etcdPort: number;
  readonly apiPort: number;
  readonly dataFolder: string;
  readonly credentials: Credentials;
  /** CIDR; the first address of it is the API server's own Service. */
  readonly serviceRange: string;
}

/** The flags of etcd. */
export function etcdFlags({ address, etcdPort, dataFolder }: ControlPlane): string[] {
  const url = `http://${address}:${etcdPort}`;
  return [
    '--name=shunt',
    `--data-dir=${path.join(dataFolder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://${address}:0`,
    '--logger=zap',
    '--log-level=warn',
  ];
}

/** The flags of kube-apiserver: callers with a token, RBAC, every admission plugin that is on by default. */
export function apiServerFlags(plane: ControlPlane): string[] {
  const { address, etcdPort, apiPort, credentials, serviceRange } = plane;
  return [
    `--etcd-servers=http://${address}:${etcdPort}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${apiPort}`,
    `--tls-cert-file=${credentials.certFile}`,
    `--tls-private-key-file=${credentials.keyFile}`,
    `--token-auth-file=${credentials.tokensFile}`,
    `--kubelet-client-certificate=${credentials.kubeletClient.certFile}`,
    `--kubelet-client-key=${credentials.kubeletClient.keyFile}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--enable-aggregator-routing=true',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-signing-key-file=${credentials.serviceAccountKeyFile}`,
    `--service-account-key-file=${credentials.serviceAccountPublicFile}`,
    `--service-cluster-ip-range=${serviceRange}`,
    // As Wikimedia has it, whose node ports are the public ones.
    '--service-node-port-range=4000-32767',
  ];
}

/** The flags of kube-controller-manager: every controller, one replica. */
export function controllerManagerFlags(credentials: Credentials, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${credentials.serviceAccountKeyFile}`,
    `--root-ca-file=${credentials.caFile}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
  ];
}
