import type { JsonObject } from '../core/json.ts';
import { INJECT_LABEL } from '../inject/names.ts';
import type { Pod } from '../inject/pod.ts';
import { namespaceRecord, type PodRecord, podRecord } from './records.ts';
import { nameOf } from './resources.ts';

/** What is read of a cluster to see what a diversion has left in it. */
export interface Remains {
  readonly namespaces: readonly JsonObject[];
  /** ConfigMaps and NetworkPolicies that carry our label. */
  readonly objects: readonly JsonObject[];
  readonly pods: readonly JsonObject[];
  readonly replicaSets: readonly JsonObject[];
  readonly registrations: readonly JsonObject[];
}

/** A workload whose pods are made anew by a restart. */
export interface Restartable {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
}

/** What is to be done in one namespace so that nothing of the diversion is left there. */
export interface Retirement {
  readonly namespace: string;
  readonly restart: readonly Restartable[];
  /** Injected pods that no restart replaces: those of Jobs, and those without an owner. */
  readonly stranded: readonly string[];
  /** Pods of the same workloads that are not injected: they were created after the registration was removed. */
  readonly undiverted: readonly string[];
  readonly remove: readonly { readonly kind: string; readonly name: string }[];
  /** Registrations that would inject the new pods again. */
  readonly blockedBy: readonly string[];
}

const RESTARTABLE = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** Works out how pods go back and what is then taken away, a namespace at a time. */
export function planRetirement(remains: Remains): Retirement[] {
  const names = new Set(remains.objects.map((object) => nameOf(object).namespace ?? ''));
  return [...names].sort().map((namespace) => retire(remains, namespace));
}

function retire(remains: Remains, namespace: string): Retirement {
  const objects = remains.objects.filter((object) => nameOf(object).namespace === namespace);
  const own = new Set(objects.map((object) => nameOf(object).name));
  const running = remains.pods
    .map((pod) => ({ record: podRecord(pod), owner: ownerOf(pod, remains.replicaSets) }))
    .filter(({ record }) => record.namespace === namespace && !record.finished);
  const isInjected = ({ mounts }: PodRecord) => mounts.some((name) => own.has(name));
  const injected = running.filter(({ record }) => isInjected(record));
  const restart = new Map<string, Restartable>();
  for (const { owner } of injected) if (owner) restart.set(keyOf(owner), owner);
  return {
    namespace,
    restart: [...restart].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, owner]) => owner),
    stranded: injected.filter(({ owner }) => !owner).map(({ record }) => record.name),
    undiverted: running
      .filter(({ record, owner }) => owner && restart.has(keyOf(owner)) && !isInjected(record))
      .map(({ record }) => record.name),
    remove: objects.map((object) => ({ kind: String(object['kind']), name: nameOf(object).name })),
    blockedBy: isOptedIn(remains.namespaces, namespace) ? registrationsFor(remains, namespace) : [],
  };
}

function keyOf({ kind, name }: Restartable): string {
  return `${kind}/${name}`;
}

function ownerOf(pod: JsonObject, replicaSets: readonly JsonObject[]): Restartable | undefined {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return restartable(owner);
  const { namespace } = nameOf(pod);
  const set = replicaSets.find((candidate) => {
    const found = nameOf(candidate);
    return found.name === owner.name && found.namespace === namespace;
  });
  return set ? restartable(controllerOf(set)) : undefined;
}

function controllerOf(object: JsonObject): { readonly kind: string; readonly name: string } | undefined {
  return (object as Pod).metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

function restartable(owner: { readonly kind: string; readonly name: string } | undefined) {
  const kind = RESTARTABLE.find((candidate) => candidate === owner?.kind);
  return kind && owner ? { kind, name: owner.name } : undefined;
}

function isOptedIn(namespaces: readonly JsonObject[], name: string): boolean {
  const found = namespaces.find((namespace) => nameOf(namespace).name === name);
  return found !== undefined && namespaceRecord(found).optedIn;
}

/** The registrations whose entries ask for our label and name the namespace. */
function registrationsFor({ registrations }: Remains, namespace: string): string[] {
  return registrations
    .filter((registration) => {
      const entries = (registration['webhooks'] ?? []) as readonly JsonObject[];
      return entries.some(({ namespaceSelector }) => {
        const text = JSON.stringify(namespaceSelector ?? {});
        return text.includes(INJECT_LABEL) && text.includes(JSON.stringify(namespace));
      });
    })
    .map((registration) => nameOf(registration).name);
}
