import type { Container, Pod } from '../../webhook/inject/pod.ts';

const TOKEN_MOUNT = {
  name: 'kube-api-access-x7k2p',
  readOnly: true,
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
};

const TOKEN_VOLUME = {
  name: TOKEN_MOUNT.name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 420,
  },
};

const TOLERATIONS = ['not-ready', 'unreachable'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

const CONTAINER_DEFAULTS = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

/** A pod with what the API server, its own admission and the ReplicaSet's controller fill in before webhooks are asked. */
export function asSubmitted(pod: Pod): Pod {
  const { containers = [], volumes = [], ...spec } = pod.spec ?? {};
  const managed = {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-06-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: fieldSet(pod),
  };
  return {
    ...pod,
    // The API server writes the time as text, which the client's type has as a date.
    metadata: { ...pod.metadata, managedFields: [managed] as never },
    spec: {
      ...spec,
      containers: containers.map(withDefaults),
      volumes: [...volumes.map(withMode), TOKEN_VOLUME],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: TOLERATIONS,
      priority: 0,
      enableServiceLinks: false,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: {},
  };
}

function withDefaults(container: Container): Container {
  return {
    ...container,
    ...CONTAINER_DEFAULTS,
    volumeMounts: [...(container.volumeMounts ?? []), TOKEN_MOUNT],
  };
}

function withMode(volume: NonNullable<NonNullable<Pod['spec']>['volumes']>[number]) {
  return volume.configMap ? { ...volume, configMap: { ...volume.configMap, defaultMode: 420 } } : volume;
}

/** Who set which field: a mapping of the object's own shape, lists by the name of their entries. */
function fieldSet(value: unknown): Record<string, unknown> {
  if (value === null || typeof value !== 'object') return {};
  const entries = Array.isArray(value)
    ? value.filter((item) => item !== null && typeof item === 'object').map((item) => [keyOf(item), item])
    : Object.entries(value).map(([key, item]) => [`f:${key}`, item]);
  return { '.': {}, ...Object.fromEntries(entries.map(([key, item]) => [key, fieldSet(item)])) };
}

function keyOf(item: Readonly<Record<string, unknown>>): string {
  const key = ['name', 'mountPath', 'containerPort', 'uid'].find((name) => item[name] !== undefined);
  return `k:${JSON.stringify(key === undefined ? item : { [key]: item[key] })}`;
}
