import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../core/duration.ts';
import { type Kube, type KubeFailure, STATUS } from './kube.ts';
import { listAll } from './list-all.ts';
import { nameOf, objectPath, RESOURCES, type Resource } from './resources.ts';
import { planRetirement, type Remains, type Restartable, type Retirement } from './retirement.ts';

/** Which remains are meant: all of them, or those in some namespaces, or of one diversion. */
export interface Scope {
  readonly namespaces?: readonly string[];
  readonly diversion?: string;
}

const OURS = 'app.kubernetes.io/managed-by=pretrain-shunt';
const REPLICA_SET = { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets' } as const;
const LOOK_EVERY_MS = 1000;

/** What is left of a diversion, and what is to be done about it. */
export async function lookForRemains(kube: Kube, scope: Scope): Promise<readonly Retirement[] | KubeFailure> {
  const { diversion, namespaces } = scope;
  const labelSelector = diversion ? `${OURS},shunt.wikimedia.org/diversion=${diversion}` : OURS;
  const asked: readonly [keyof Remains, Resource, Readonly<Record<string, string>>][] = [
    ['namespaces', RESOURCES.namespace, {}],
    ['objects', RESOURCES.configMap, { labelSelector }],
    ['objects', RESOURCES.networkPolicy, { labelSelector }],
    ['pods', RESOURCES.pod, {}],
    ['replicaSets', REPLICA_SET, {}],
    ['registrations', RESOURCES.registration, {}],
  ];
  const remains: { [K in keyof Remains]: Remains[K][number][] } = {
    namespaces: [],
    objects: [],
    pods: [],
    replicaSets: [],
    registrations: [],
  };
  for (const [name, resource, query] of asked) {
    const answer = await listAll(kube, resource, { query });
    if (!answer.ok) return answer;
    remains[name].push(...answer.items);
  }
  const known = new Set(remains.namespaces.map((namespace) => nameOf(namespace).name));
  const missing = (namespaces ?? []).find((namespace) => !known.has(namespace));
  if (missing !== undefined) {
    return { ok: false, status: STATUS.notFound, message: `namespaces "${missing}" not found` };
  }
  const all = planRetirement(remains);
  return namespaces ? all.filter(({ namespace }) => namespaces.includes(namespace)) : all;
}

/**
 * Restarts what is injected, waits, and removes what no pod mounts any more. Gives what is left then; a namespace
 * that would be injected again is not touched.
 */
export async function retireRemains(
  kube: Kube,
  scope: Scope,
  within: Milliseconds,
): Promise<readonly Retirement[] | KubeFailure> {
  const first = await lookForRemains(kube, scope);
  if ('status' in first) return first;
  for (const { namespace, restart } of first.filter(isFree)) {
    for (const workload of restart) {
      const answer = await restartWorkload(kube, namespace, workload);
      if (!answer.ok) return answer;
    }
  }
  const deadlineMs = performance.now() + within;
  for (;;) {
    const now = await removeUnused(kube, scope);
    if ('status' in now || performance.now() > deadlineMs || !now.some(isUnderWay)) return now;
    await sleep(LOOK_EVERY_MS);
  }
}

function isFree({ blockedBy }: Retirement): boolean {
  return blockedBy.length === 0;
}

function isUnderWay(retirement: Retirement): boolean {
  return isFree(retirement) && retirement.restart.length > 0;
}

function restartWorkload(kube: Kube, namespace: string, { kind, name }: Restartable) {
  const resource = { apiVersion: 'apps/v1', kind, plural: `${kind.toLowerCase()}s` };
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  return kube.send({
    method: 'PATCH',
    path: objectPath(resource, name, namespace),
    contentType: 'application/merge-patch+json',
    body: { spec: { template: { metadata: { annotations } } } },
  });
}

/** Takes away what no pod mounts, and gives what is left. */
async function removeUnused(kube: Kube, scope: Scope): Promise<readonly Retirement[] | KubeFailure> {
  const found = await lookForRemains(kube, scope);
  if ('status' in found) return found;
  for (const { namespace, remove } of found.filter(isUnused)) {
    for (const { kind, name } of remove) {
      const resource = kind === RESOURCES.configMap.kind ? RESOURCES.configMap : RESOURCES.networkPolicy;
      const answer = await kube.send({ method: 'DELETE', path: objectPath(resource, name, namespace) });
      if (!answer.ok && answer.status !== STATUS.notFound) return answer;
    }
  }
  return found.filter((retirement) => !isUnused(retirement));
}

function isUnused({ restart, stranded, blockedBy }: Retirement): boolean {
  return restart.length + stranded.length + blockedBy.length === 0;
}
