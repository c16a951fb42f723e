import fc from 'fast-check';
import type { Container, Pod, PodSpec } from '../../webhook/inject/pod.ts';
import { plain } from '../fixtures/read.ts';

/*
 * What other webhooks, and the defaulting of the API server, do to a pod between two calls of ours. Each is applied
 * to every pod part that it concerns, ours included; environment variables alone are added to containers of others.
 */

export type Step = (pod: Pod) => Pod;

export function withSpec(change: (spec: PodSpec) => Partial<PodSpec>): Step {
  return (pod) => (pod.spec ? { ...pod, spec: { ...pod.spec, ...change(pod.spec) } } : pod);
}

export function everyContainer(change: (container: Container) => Container): Step {
  return withSpec((spec) => ({
    containers: spec.containers.map(change),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(change) } : {}),
  }));
}

function everyOther(change: (container: Container) => Container): Step {
  return everyContainer((one) => (one.name.startsWith('shunt-') ? one : change(one)));
}

function withMetadata(change: (metadata: NonNullable<Pod['metadata']>) => Pod['metadata']): Step {
  return (pod) => ({ ...pod, metadata: { ...pod.metadata, ...change(pod.metadata ?? {}) } });
}

const FOREIGN: Container = { name: 'foreign', image: 'x' };
const TOKEN = {
  name: 'kube-api-access',
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  readOnly: true,
};

const STEPS: Readonly<Record<string, Step>> = {
  labels: withMetadata(({ labels }) => ({ labels: { ...labels, foreign: 'true' } })),
  annotations: withMetadata(({ annotations }) => ({ annotations: { ...annotations, 'foreign/a': 'b' } })),
  envBehind: everyOther((one) => ({
    ...one,
    env: [...(one.env ?? []), { name: 'FOREIGN', value: 'x' }],
  })),
  envInFront: everyOther((one) => ({ ...one, env: [{ name: 'FIRST', value: 'x' }, ...(one.env ?? [])] })),
  containerAtTheEnd: withSpec(({ containers }) => ({ containers: [...containers, FOREIGN] })),
  containerInFront: withSpec(({ containers }) => ({
    containers: [{ ...FOREIGN, name: 'first' }, ...containers],
  })),
  initContainerInFront: withSpec(({ initContainers }) => ({
    initContainers: [FOREIGN, ...(initContainers ?? [])],
  })),
  initContainerAtTheEnd: withSpec(({ initContainers }) => ({
    initContainers: [...(initContainers ?? []), { ...FOREIGN, name: 'last' }],
  })),
  volumes: withSpec(({ volumes }) => ({ volumes: [{ name: 'foreign', emptyDir: {} }, ...(volumes ?? [])] })),
  serviceAccountToken: (pod) =>
    withSpec(({ volumes }) => ({
      volumes: [...(volumes ?? []), { name: TOKEN.name, projected: { sources: [] } }],
    }))(everyContainer((one) => ({ ...one, volumeMounts: [...(one.volumeMounts ?? []), TOKEN] }))(pod)),
  imageOfMirror: everyContainer((one) => ({
    ...one,
    image: `mirror.example/${one.image?.split('/').slice(1).join('/')}`,
  })),
  imageByDigest: everyContainer((one) => ({ ...one, image: `${one.image}@sha256:${'0'.repeat(64)}` })),
  pullPolicy: everyContainer((one) => ({ ...one, imagePullPolicy: 'Always' })),
  requests: everyContainer((one) => ({
    ...one,
    resources: { ...one.resources, requests: { ...one.resources?.requests, cpu: '333m' } },
  })),
  quantityText: everyContainer((one) => ({
    ...one,
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1500m', memory: '1Gi' } },
  })),
  user: everyContainer((one) => ({
    ...one,
    securityContext: {
      ...one.securityContext,
      runAsUser: 1_000_620_000,
      runAsGroup: 0,
      seLinuxOptions: { level: 's0:c25,c5' },
      appArmorProfile: { type: 'RuntimeDefault' },
    },
  })),
  messages: everyContainer((one) => ({ ...one, terminationMessagePolicy: 'FallbackToLogsOnError' })),
  tolerations: withSpec(({ tolerations }) => ({
    tolerations: [...(tolerations ?? []), { key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
  })),
  defaults: (pod) =>
    withSpec(() => ({
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
    }))(
      everyContainer(withDefaults)(
        withSpec(({ volumes }) => ({ volumes: (volumes ?? []).map(modeOf) }))(pod),
      ),
    ),
};

function withDefaults(container: Container): Container {
  const probe = { timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 };
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...(container.ports ? { ports: container.ports.map((port) => ({ protocol: 'TCP', ...port })) } : {}),
    ...(container.readinessProbe ? { readinessProbe: { ...probe, ...container.readinessProbe } } : {}),
    ...(container.startupProbe ? { startupProbe: { ...probe, ...container.startupProbe } } : {}),
  };
}

function modeOf(volume: NonNullable<PodSpec['volumes']>[number]): typeof volume {
  return volume.configMap ? { ...volume, configMap: { defaultMode: 0o644, ...volume.configMap } } : volume;
}

export const STEP_NAMES = Object.keys(STEPS);

/** Applies the steps of those names; the result shares nothing with the pod. */
export function applySteps(names: readonly string[], pod: Pod): Pod {
  return plain(names.reduce((current, name) => STEPS[name]?.(current) ?? current, pod));
}

/** Some of the steps, in some order, each at most once. */
export const otherWebhooks: fc.Arbitrary<readonly string[]> = fc.shuffledSubarray(STEP_NAMES, {
  minLength: 1,
});
