import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { Pod } from '../../webhook/inject/pod.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures');
const NAME = 'changeprop-production';
const BUILT_IN = /^(v1|apps\/v1|networking\.k8s\.io\/v1)$/;

/** The fixture of a workload as it is deployed: its pod with the configuration that it reads. */
export type WorkloadName = 'changeprop' | 'jobqueue';

const NAMESPACES = { changeprop: 'changeprop', jobqueue: 'changeprop-jobqueue' } as const;

export function namespaceOf(workload: WorkloadName): string {
  return NAMESPACES[workload];
}

/** A namespace that has opted in and is restricted, as a manifest. */
export function optedIn(namespace: string): unknown {
  const labels = {
    'shunt.wikimedia.org/inject': 'enabled',
    'pod-security.kubernetes.io/enforce': 'restricted',
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
}

/** What a container asks for, as Kubernetes quantities. */
export interface Requests {
  readonly cpu: string;
  readonly memory: string;
}

const SMALL: Requests = { cpu: '100m', memory: '100Mi' };

/** The Deployment and its ConfigMaps, as one List. */
export async function workloadManifest(
  workload: WorkloadName,
  replicas: number,
  requests = SMALL,
): Promise<unknown> {
  const namespace = namespaceOf(workload);
  const pod = parse(await readFile(path.join(FIXTURES, `pods/${workload}.yaml`), 'utf8')) as Pod;
  const config = await readFile(path.join(FIXTURES, `config/${workload}.yaml`), 'utf8');
  const configMap = (suffix: string, data: unknown) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${NAME}-${suffix}`, namespace },
    data,
  });
  const { 'pod-template-hash': _, ...labels } = pod.metadata?.labels ?? {};
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: labels['app'], release: labels['release'] } },
      template: { metadata: { labels, annotations: pod.metadata?.annotations }, spec: small(pod, requests) },
    },
  };
  const items = [
    configMap('base-config', { 'config.yaml': config }),
    configMap('metrics-config', {}),
    configMap('nutcracker-config', {}),
    deployment,
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}

/** Rendered manifests of a chart as they can run on a small machine: with less of it, and without what takes CRDs. */
export function fitting(documents: readonly Manifest[], namespace: string): List {
  const items = documents
    .filter(({ apiVersion, kind }) => BUILT_IN.test(apiVersion) && kind !== 'Pod')
    .map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }))
    .map((one) => {
      if (one.kind !== 'Deployment' || !one.spec?.template) return one;
      const template = { ...one.spec.template, spec: small(one.spec.template) };
      return { ...one, spec: { ...one.spec, replicas: 1, template } };
    });
  return { apiVersion: 'v1', kind: 'List', items };
}

export interface List {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: readonly unknown[];
}

/** What Wikimedia's clusters set for containers that say nothing. */
export function limitRange(): unknown {
  const usual = { cpu: '100m', memory: '100Mi' };
  const container = {
    type: 'Container',
    min: { cpu: '100m', memory: '50Mi' },
    max: { cpu: '8', memory: '3Gi' },
    default: usual,
    defaultRequest: usual,
  };
  return { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'usual' }, spec: { limits: [container] } };
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: Pod };
}

/** Asks for less than production does, so that it fits beside others on a small machine. */
function small(pod: Pod, requests = SMALL): unknown {
  const containers = (pod.spec?.containers ?? []).map((container) => ({
    ...container,
    resources: { requests, limits: { cpu: '1', memory: '500Mi' } },
  }));
  return { ...pod.spec, containers };
}
