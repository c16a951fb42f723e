import type { Plan } from '../edges/plan.ts';
import type { Context } from './context.ts';
import { type KubeFailure, STATUS } from './kube.ts';
import { NamespaceWatch } from './namespace-watch.ts';
import type { NetworkPolicyMode } from './network-policy.ts';
import type { ConfigMapRecord, NamespaceRecord, PodRecord, PolicyRecord } from './records.ts';
import type { Rendered } from './rendered.ts';
import type { Resource } from './resources.ts';

/** Told which namespace, or which pod in it, has changed. */
export interface CacheEvents {
  readonly namespace: (name: string) => void;
  readonly pod: (key: string) => void;
}

export interface CacheOptions {
  readonly context: Context;
  readonly policyMode: NetworkPolicyMode;
  readonly events: CacheEvents;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** What the namespaces look like that the diversion declares, each watched by itself. */
export class ClusterCache {
  readonly policyMode: NetworkPolicyMode;
  readonly #options: CacheOptions;
  readonly #namespaces = new Map<string, NamespaceWatch>();
  readonly #lost = new Set<string>();
  readonly #blocked = new Map<string, string>();
  #rendered: Rendered | undefined;

  constructor(options: CacheOptions) {
    this.#options = options;
    this.policyMode = options.policyMode;
  }

  get rendered(): Rendered | undefined {
    return this.#rendered;
  }

  get plan(): Plan {
    if (!this.#rendered) throw new Error('nothing is reconciled before the diversion is read');
    return this.#rendered.plan;
  }

  /** Undefined where the namespace does not exist or is not declared. */
  namespace(name: string): NamespaceRecord | undefined {
    return this.#namespaces.get(name)?.record;
  }

  /** Whether a namespace and its pods have been listed once, so that what is absent here is absent in the cluster. */
  synced(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.synced === true;
  }

  isAtRest(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.isAtRest !== false;
  }

  /** Whether the same holds for what a workload of that name needs there. */
  knows(namespace: string, name: string): boolean {
    return this.#namespaces.get(namespace)?.knows(name) === true;
  }

  configMap(namespace: string, name: string): ConfigMapRecord | undefined {
    return this.#namespaces.get(namespace)?.configMap(name);
  }

  policy(namespace: string, name: string): PolicyRecord | undefined {
    return this.#namespaces.get(namespace)?.policy(name);
  }

  pod(key: string): PodRecord | undefined {
    return this.#namespaces.get(namespaceOf(key))?.pods.get(key);
  }

  /** Every pod that is seen. */
  *pods(): Iterable<PodRecord> {
    for (const { pods } of this.#namespaces.values()) yield* pods.values();
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
    for (const { namespace, name } of this.podsIn(namespaceOf(key)))
      this.#options.events.pod(`${namespace}/${name}`);
    return true;
  }

  /** Why an object of ours could not be written when that was last tried. */
  blocked({ kind }: Resource, key: string): string | undefined {
    return this.#blocked.get(`${kind} ${key}`);
  }

  /**
   * Takes a new diversion; the watches for its namespaces start with it. A namespace that is no longer declared is
   * watched until nothing of ours is left there.
   */
  use(rendered: Rendered): void {
    this.#rendered = rendered;
    for (const namespace of declaredIn(rendered)) {
      const own = namesIn(rendered, namespace);
      const known = this.#namespaces.get(namespace);
      if (known) known.follow(own);
      else this.#namespaces.set(namespace, this.#watch(namespace, own));
    }
    for (const [namespace, watch] of this.#namespaces) {
      this.#options.events.namespace(namespace);
      for (const key of watch.pods.keys()) this.#options.events.pod(key);
    }
  }

  declares(namespace: string): boolean {
    return this.#rendered !== undefined && declaredIn(this.#rendered).has(namespace);
  }

  /** Stops watching a namespace that has nothing of ours and needs nothing. */
  restIn(namespace: string): void {
    const watch = this.#namespaces.get(namespace);
    if (!watch?.isEmpty) return;
    // Objects that were removed together with the label were not lost.
    for (const place of this.#lost) if (place.includes(` ${namespace}/`)) this.#lost.delete(place);
    if (!this.declares(namespace)) this.#drop(namespace);
    else if (watch.record?.optedIn !== true) watch.rest();
  }

  stop(): void {
    for (const watch of this.#namespaces.values()) watch.stop();
  }

  podsIn(namespace: string): readonly PodRecord[] {
    return [...(this.#namespaces.get(namespace)?.pods.values() ?? [])].filter(({ finished }) => !finished);
  }

  /** Whether a pod that runs, or is on its way out, mounts that ConfigMap. */
  inUse(namespace: string, configMap: string): boolean {
    const pods = [...(this.#namespaces.get(namespace)?.pods.values() ?? [])];
    return pods.some(({ mounts }) => mounts.includes(configMap));
  }

  /** The policies of others that restrict egress in a namespace. */
  restrictingPolicies(namespace: string, own: string): readonly PolicyRecord[] {
    return (this.#namespaces.get(namespace)?.policies ?? [])
      .filter(([key, { restrictsEgress }]) => restrictsEgress && key !== `${namespace}/${own}`)
      .map(([, policy]) => policy);
  }

  #watch(namespace: string, names: readonly string[]): NamespaceWatch {
    const { context, policyMode, events } = this.#options;
    const object = ({ kind }: Resource, key: string, isThere: boolean) => {
      if (isThere) this.#lost.delete(`${kind} ${key}`);
      else this.#lost.add(`${kind} ${key}`);
    };
    const failed = (resource: Resource, failure: KubeFailure) => {
      this.#options.failed(resource, failure);
      // The rights in a namespace that is no longer declared are gone after the next chart upgrade.
      if (failure.status === STATUS.forbidden && !this.declares(namespace)) this.#drop(namespace);
    };
    return new NamespaceWatch(
      { context, namespace, policyMode, events: { ...events, object }, failed },
      names,
    );
  }

  #drop(namespace: string): void {
    this.#namespaces.get(namespace)?.stop();
    this.#namespaces.delete(namespace);
  }
}

function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

function declaredIn({ plan }: Rendered): ReadonlySet<string> {
  return new Set(plan.workloads.flatMap(({ namespaces }) => namespaces));
}

/** The names that are ours in a namespace: those of its workloads. */
function namesIn({ workloads }: Rendered, namespace: string): readonly string[] {
  return workloads.filter(({ workload }) => workload.namespaces.includes(namespace)).map(({ name }) => name);
}
