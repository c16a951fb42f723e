import type { JsonObject } from '../../webhook/core/json.ts';
import type { PodSpec } from '../../webhook/inject/pod.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import type { ApiClient } from './api-client.ts';

export const OPT_IN = 'shunt.wikimedia.org/inject';
export const CHANGEPROP = 'shunt.testwiki.changeprop';

/** As Wikimedia's namespaces are: no pod but a restricted one, and none without requests and limits. */
const LIMITS: JsonObject = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'limits' },
  spec: {
    limits: [
      {
        type: 'Container',
        default: { memory: '100Mi', cpu: '100m' },
        defaultRequest: { memory: '100Mi', cpu: '100m' },
        min: { memory: '50Mi', cpu: '100m' },
        max: { memory: '3Gi', cpu: '8' },
      },
    ],
  },
};

/** Path of the objects of a kind in a namespace, or of one of them. */
export function pathOf(namespace: string, plural: string, name?: string): string {
  const root =
    plural === 'networkpolicies'
      ? '/apis/networking.k8s.io/v1'
      : plural === 'deployments'
        ? '/apis/apps/v1'
        : '/api/v1';
  return `${root}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
}

/** Makes a namespace with those limits and Pod Security; opted in unless told. */
export async function makeSpace(client: ApiClient, name: string, optIn = true): Promise<void> {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    ...(optIn && { [OPT_IN]: 'enabled' }),
  };
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  const made = await client.send({ method: 'POST', path: '/api/v1/namespaces', body });
  // One that the chart needed is there already.
  if (made.status !== 201) await client.patch(`/api/v1/namespaces/${name}`, { metadata: { labels } });
  await client.create(pathOf(name, 'limitranges'), LIMITS);
}

export async function label(client: ApiClient, namespace: string, value: string | null): Promise<void> {
  await client.patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels: { [OPT_IN]: value } } });
}

/** A pod of changeprop as a ReplicaSet submits it, for any namespace. */
export function changepropPod(name: string, namespace: string, labels: JsonObject = {}): JsonObject {
  const { metadata, spec } = fixturePod('changeprop');
  const { generateName: _, ...rest } = metadata ?? {};
  return plain({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...rest, name, namespace, labels: { ...rest.labels, ...labels } },
    spec,
  }) as unknown as JsonObject;
}

/** Whether the sidecar is there, as a pod in the API shows it. */
export function isInjected(pod: JsonObject): boolean {
  const { containers, initContainers = [] } = pod['spec'] as unknown as PodSpec;
  return [...initContainers, ...containers].some(({ name }) => name === 'shunt-envoy');
}

export function annotationsOf(object: JsonObject | undefined): Readonly<Record<string, string>> {
  const metadata = (object?.['metadata'] ?? {}) as JsonObject;
  return (metadata['annotations'] ?? {}) as Record<string, string>;
}
