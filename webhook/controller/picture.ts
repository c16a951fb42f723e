import type { Plan } from '../core/plan.ts';
import { configMapPrefix } from '../core/pod-paths.ts';
import type { Context } from './context.ts';
import type { KubeFailure } from './kube.ts';
import type { NetworkPolicyMode } from './network-policy.ts';
import {
  type ConfigMapRecord,
  configMapRecord,
  type NamespaceRecord,
  namespaceRecord,
  type PodRecord,
  type PolicyRecord,
  podRecord,
  policyRecord,
} from './records.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import type { Rendered } from './rendered.ts';
import { RESOURCES, type Resource } from './resources.ts';

/** Told which namespace, or which pod in it, has changed. */
export interface PictureEvents {
  readonly space: (namespace: string) => void;
  readonly pod: (key: string) => void;
}

export interface PictureOptions {
  readonly context: Context;
  readonly policyMode: NetworkPolicyMode;
  readonly events: PictureEvents;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** The one watch of all policies. */
const EVERY = '';

/** What the cluster looks like, as far as the diversion touches it. */
export class Picture {
  readonly policyMode: NetworkPolicyMode;
  readonly namespaces: Reflector<NamespaceRecord>;
  readonly pods: Reflector<PodRecord>;
  /** Those of others too, where they are asked for. */
  readonly policies = new Map<string, PolicyRecord>();
  /** By name of the ConfigMap, which is that of a workload. */
  readonly configMaps = new Map<string, Reflector<ConfigMapRecord>>();
  readonly #options: PictureOptions;
  readonly #policyWatches = new Map<string, Reflector<PolicyRecord>>();
  readonly #podsBySpace = new Map<string, Map<string, PodRecord>>();
  readonly #lost = new Set<string>();
  readonly #blocked = new Map<string, string>();
  #rendered: Rendered | undefined;

  constructor(options: PictureOptions) {
    const { events } = options;
    this.#options = options;
    this.policyMode = options.policyMode;
    this.namespaces = this.#reflect({
      resource: RESOURCES.namespace,
      keep: namespaceRecord,
      changed: (name) => {
        events.space(name);
        for (const { name: pod } of this.podsIn(name)) events.pod(`${name}/${pod}`);
      },
    });
    this.pods = this.#reflect({ resource: RESOURCES.pod, keep: this.#keepPod, changed: this.#podChanged });
  }

  get rendered(): Rendered | undefined {
    return this.#rendered;
  }

  get plan(): Plan {
    if (!this.#rendered) throw new Error('nothing is reconciled before the diversion is read');
    return this.#rendered.plan;
  }

  /** Whether namespaces and pods have been listed once, so that what is not there is really not there. */
  get synced(): boolean {
    return this.namespaces.synced && this.pods.synced;
  }

  /** Whether the same holds for what a workload of that name needs; without the rights for it, it never does. */
  knows(name: string): boolean {
    const policies = this.#policyWatches.get(this.#policyWatch(name));
    return this.configMaps.get(name)?.synced === true && policies?.synced !== false;
  }

  /** Whether an object of ours was deleted since this was asked last. */
  takeLost({ kind }: Resource, key: string): boolean {
    return this.#lost.delete(`${kind} ${key}`);
  }

  /** Notes why an object of ours cannot be written, or that it can; gives whether that is new. */
  block({ kind }: Resource, key: string, message: string | undefined): boolean {
    const place = `${kind} ${key}`;
    if (this.#blocked.get(place) === message) return false;
    if (message === undefined) this.#blocked.delete(place);
    else this.#blocked.set(place, message);
    const namespace = spaceOf(key);
    for (const { name } of this.podsIn(namespace)) this.#options.events.pod(`${namespace}/${name}`);
    return true;
  }

  /** Why an object of ours could not be written when that was last tried. */
  blocked({ kind }: Resource, key: string): string | undefined {
    return this.#blocked.get(`${kind} ${key}`);
  }

  /** Takes a new diversion; the watches for its workloads start with it. */
  use(rendered: Rendered): void {
    const first = this.#rendered === undefined;
    const moved = !first && !sameSpaces(this.plan, rendered.plan);
    this.#rendered = rendered;
    for (const { name } of rendered.workloads) {
      this.#followConfigMap(name);
      // Only to see what others restrict are all of them watched; the rights are limited likewise.
      if (this.policyMode !== 'never') this.#followPolicies(this.#policyWatch(name));
    }
    if (first) {
      this.namespaces.start();
      this.pods.start();
    } else if (moved) this.pods.relist();
    for (const namespace of this.spaces()) this.#options.events.space(namespace);
    for (const key of this.pods.items.keys()) this.#options.events.pod(key);
  }

  stop(): void {
    const all = [this.namespaces, this.pods, ...this.configMaps.values(), ...this.#policyWatches.values()];
    for (const reflector of all) reflector.stop();
  }

  /** Every namespace that the diversion is for, or that still has something of ours. */
  spaces(): ReadonlySet<string> {
    const declared = this.#rendered?.plan.workloads.flatMap(({ namespaces }) => namespaces) ?? [];
    const held = [...this.configMaps.values()].flatMap(({ items }) => [...items.keys()].map(spaceOf));
    return new Set([...declared, ...held]);
  }

  podsIn(namespace: string): readonly PodRecord[] {
    return [...(this.#podsBySpace.get(namespace)?.values() ?? [])].filter(({ finished }) => !finished);
  }

  /** Whether a pod that runs, or is on its way out, mounts that ConfigMap. */
  inUse(namespace: string, configMap: string): boolean {
    const pods = [...(this.#podsBySpace.get(namespace)?.values() ?? [])];
    return pods.some(({ mounts }) => mounts.includes(configMap));
  }

  /** The policies of others that restrict egress in a namespace. */
  restrictingPolicies(namespace: string, own: string): readonly PolicyRecord[] {
    return [...this.policies]
      .filter(([key, { restrictsEgress }]) => restrictsEgress && isOther(key, namespace, own))
      .map(([, policy]) => policy);
  }

  readonly #keepPod: ReflectorOptions<PodRecord>['keep'] = (object) => {
    const record = podRecord(object);
    const covered = this.plan.workloads.some(({ namespaces }) => namespaces.includes(record.namespace));
    const own = configMapPrefix(this.plan.diversion);
    return covered || record.mounts.some((name) => name.startsWith(own)) ? record : undefined;
  };

  readonly #podChanged = (key: string, now: PodRecord | undefined): void => {
    const namespace = spaceOf(key);
    const pods = this.#podsBySpace.get(namespace) ?? new Map<string, PodRecord>();
    if (now) this.#podsBySpace.set(namespace, pods.set(key, now));
    else pods.delete(key);
    if (pods.size === 0) this.#podsBySpace.delete(namespace);
    this.#options.events.space(namespace);
    this.#options.events.pod(key);
  };

  #note({ kind }: Resource, key: string, now: unknown): void {
    if (now === undefined) this.#lost.add(`${kind} ${key}`);
    else this.#lost.delete(`${kind} ${key}`);
  }

  #followConfigMap(name: string): void {
    if (this.configMaps.has(name)) return;
    const reflector = this.#reflect({
      resource: RESOURCES.configMap,
      // The rights are limited to this name, and so must be what is asked for.
      query: { fieldSelector: `metadata.name=${name}` },
      keep: (object) => configMapRecord(object, this.#options.context.nowMs()),
      changed: (key, now) => {
        const namespace = spaceOf(key);
        this.#note(RESOURCES.configMap, key, now);
        this.#options.events.space(namespace);
        for (const pod of this.podsIn(namespace)) this.#options.events.pod(`${namespace}/${pod.name}`);
      },
    });
    this.configMaps.set(name, reflector);
    reflector.start();
  }

  #policyWatch(name: string): string {
    return this.policyMode === 'auto' ? EVERY : name;
  }

  #followPolicies(watch: string): void {
    if (this.#policyWatches.has(watch)) return;
    const reflector = this.#reflect({
      resource: RESOURCES.networkPolicy,
      ...(watch === EVERY ? {} : { query: { fieldSelector: `metadata.name=${watch}` } }),
      keep: policyRecord,
      changed: (key, now) => {
        if (now) this.policies.set(key, now);
        else this.policies.delete(key);
        this.#note(RESOURCES.networkPolicy, key, now);
        this.#options.events.space(spaceOf(key));
      },
    });
    this.#policyWatches.set(watch, reflector);
    reflector.start();
  }

  #reflect<T>(options: Pick<ReflectorOptions<T>, 'resource' | 'query' | 'keep' | 'changed'>): Reflector<T> {
    const { context, failed } = this.#options;
    return new Reflector({ ...options, kube: context.kube, failed });
  }
}

function spaceOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

function isOther(key: string, namespace: string, own: string): boolean {
  return key.startsWith(`${namespace}/`) && key !== `${namespace}/${own}`;
}

function sameSpaces(a: Plan, b: Plan): boolean {
  const spaces = ({ workloads }: Plan) =>
    JSON.stringify(workloads.map(({ name, namespaces }) => [name, namespaces]));
  return spaces(a) === spaces(b);
}
