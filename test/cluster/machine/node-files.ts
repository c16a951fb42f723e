import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NODE_NAME } from '../credentials.ts';
import type { Network } from './network.ts';

/** Where the folder of the cluster is seen from inside its namespaces. */
export const INSIDE = '/run/shunt';

export const CLUSTER_DOMAIN = 'cluster.local';

/** Writes the configurations of kubelet, kube-proxy and the network plugins; all name paths as seen from inside. */
export async function writeNodeFiles(folder: string, network: Network): Promise<void> {
  await mkdir(path.join(folder, 'cni'), { recursive: true });
  const files = {
    'kubelet.json': kubelet(network),
    'kube-proxy.json': kubeProxy(network),
    'cni/10-shunt.conflist': podNetwork(network),
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(path.join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  await writeFile(path.join(folder, 'resolv.conf'), `nameserver ${network.node}\n`);
}

/** Everything that has to do with time is left as it is by default. */
function kubelet({ name, node }: Network): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${INSIDE}/credentials/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${name}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    podLogsDir: `${INSIDE}/logs`,
    resolvConf: `${INSIDE}/resolv.conf`,
    clusterDNS: [node],
    clusterDomain: CLUSTER_DOMAIN,
    // The disk is the host's, and the images cannot be fetched again.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
  };
}

function kubeProxy({ podRange }: Network): unknown {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: podRange,
    clientConnection: { kubeconfig: `${INSIDE}/credentials/kube-proxy.kubeconfig` },
    hostnameOverride: NODE_NAME,
    // These belong to the whole machine.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** A link from the node to each pod: all traffic is routed, so that Services work without bridge filtering in the kernel. */
function podNetwork({ podRange }: Network): unknown {
  return {
    cniVersion: '0.4.0',
    name: 'shunt',
    plugins: [
      {
        type: 'ptp',
        ipMasq: true,
        ipam: {
          type: 'host-local',
          dataDir: `${INSIDE}/addresses`,
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
