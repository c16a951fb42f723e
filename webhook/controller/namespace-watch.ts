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
import { RESOURCES, type Resource } from './resources.ts';

/** Told what has changed in a namespace. */
export interface NamespaceEvents {
  readonly namespace: (name: string) => void;
  readonly pod: (key: string) => void;
  /** An object with a name of ours was created or deleted. */
  readonly object: (resource: Resource, key: string, isThere: boolean) => void;
}

export interface NamespaceWatchOptions {
  readonly context: Context;
  readonly namespace: string;
  readonly policyMode: NetworkPolicyMode;
  readonly events: NamespaceEvents;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** The one watch of all policies. */
const EVERY = '';

/**
 * What is seen of one namespace. The namespace itself is always watched; what is in it only while it has opted in, or
 * while something of ours may be left there.
 */
export class NamespaceWatch {
  readonly #options: NamespaceWatchOptions;
  readonly #namespace: Reflector<NamespaceRecord>;
  #names: readonly string[];
  #inside: Inside | undefined;

  constructor(options: NamespaceWatchOptions, names: readonly string[]) {
    const { namespace, events } = options;
    this.#options = options;
    this.#names = names;
    this.#namespace = this.#reflect({
      resource: RESOURCES.namespace,
      query: byName(namespace),
      keep: namespaceRecord,
      changed: (_, now, before) => {
        if (!now) this.#close();
        else if (now.optedIn || !before) this.#open();
        if (now?.optedIn && !before?.optedIn) this.#lookAgain();
        events.namespace(namespace);
        for (const key of this.pods.keys()) events.pod(key);
      },
    });
    this.#namespace.start();
  }

  /** Undefined while it does not exist. */
  get record(): NamespaceRecord | undefined {
    return this.#namespace.get(this.#options.namespace);
  }

  get pods(): ReadonlyMap<string, PodRecord> {
    return this.#inside?.pods.items ?? NO_PODS;
  }

  get policies(): readonly (readonly [string, PolicyRecord])[] {
    return [...(this.#inside?.policies.values() ?? [])].flatMap(({ items }) => [...items]);
  }

  /** Whether everything was listed once, so that what is absent here is absent in the cluster. */
  get synced(): boolean {
    if (!this.#namespace.synced) return false;
    return this.isAtRest || this.#inside?.pods.synced === true;
  }

  /** Whether nothing in it is watched, since it has nothing of ours and needs nothing. */
  get isAtRest(): boolean {
    return this.#namespace.synced && this.#inside === undefined;
  }

  /** Whether the same holds for what a workload of that name needs; without the rights for it, it never does. */
  knows(name: string): boolean {
    const policies = this.#inside?.policies.get(this.#policyWatch(name));
    return this.#inside?.configMaps.get(name)?.synced === true && policies?.synced !== false;
  }

  configMap(name: string): ConfigMapRecord | undefined {
    return this.#inside?.configMaps.get(name)?.get(`${this.#options.namespace}/${name}`);
  }

  policy(name: string): PolicyRecord | undefined {
    const watch = this.#inside?.policies.get(this.#policyWatch(name));
    return watch?.get(`${this.#options.namespace}/${name}`);
  }

  /** Whether nothing of ours is there, as far as everything is known. */
  get isEmpty(): boolean {
    if (!this.#inside) return this.isAtRest;
    return (
      this.synced &&
      this.#names.every((name) => this.knows(name) && !this.configMap(name) && !this.policy(name))
    );
  }

  /** Watches the objects with these names. */
  follow(names: readonly string[]): void {
    this.#names = names;
    if (this.record?.optedIn || this.#inside) this.#open();
  }

  /** Stops watching what is in it until the namespace itself changes. */
  rest(): void {
    this.#close();
  }

  stop(): void {
    this.#close();
    this.#namespace.stop();
  }

  #open(): void {
    this.#inside ??= { pods: this.#followPods(), configMaps: new Map(), policies: new Map() };
    const { configMaps, policies } = this.#inside;
    for (const name of this.#names) {
      if (!configMaps.has(name)) configMaps.set(name, this.#followConfigMap(name));
      const watch = this.#policyWatch(name);
      if (this.#options.policyMode !== 'never' && !policies.has(watch))
        policies.set(watch, this.#followPolicies(watch));
    }
  }

  /** What could not be read before the namespace was made ready for us may be readable now. */
  #lookAgain(): void {
    for (const watch of this.#watches()) if (!watch.synced) watch.relist();
  }

  #watches(): readonly Pick<Reflector<unknown>, 'synced' | 'relist' | 'stop'>[] {
    const inside = this.#inside;
    return inside ? [inside.pods, ...inside.configMaps.values(), ...inside.policies.values()] : [];
  }

  #close(): void {
    for (const watch of this.#watches()) watch.stop();
    this.#inside = undefined;
  }

  #followPods(): Reflector<PodRecord> {
    const { namespace, events } = this.#options;
    return this.#started({
      resource: RESOURCES.pod,
      namespace,
      keep: podRecord,
      changed: (key) => {
        events.namespace(namespace);
        events.pod(key);
      },
    });
  }

  #followConfigMap(name: string): Reflector<ConfigMapRecord> {
    const { context, namespace, events } = this.#options;
    return this.#started({
      resource: RESOURCES.configMap,
      namespace,
      // The rights are limited to this name, and so must be what is asked for.
      query: byName(name),
      keep: (object) => configMapRecord(object, context.nowMs()),
      changed: (key, now) => {
        events.object(RESOURCES.configMap, key, now !== undefined);
        events.namespace(namespace);
        for (const pod of this.pods.keys()) events.pod(pod);
      },
    });
  }

  /** Only to see what others restrict are all of them watched; the rights are limited likewise. */
  #policyWatch(name: string): string {
    return this.#options.policyMode === 'auto' ? EVERY : name;
  }

  #followPolicies(watch: string): Reflector<PolicyRecord> {
    const { namespace, events } = this.#options;
    return this.#started({
      resource: RESOURCES.networkPolicy,
      namespace,
      ...(watch === EVERY ? {} : { query: byName(watch) }),
      keep: policyRecord,
      changed: (key, now) => {
        events.object(RESOURCES.networkPolicy, key, now !== undefined);
        events.namespace(namespace);
      },
    });
  }

  #started<T>(options: Watched<T>): Reflector<T> {
    const reflector = this.#reflect(options);
    reflector.start();
    return reflector;
  }

  #reflect<T>(options: Watched<T>): Reflector<T> {
    const { context, namespace, events, failed } = this.#options;
    return new Reflector({
      ...options,
      kube: context.kube,
      listed: () => events.namespace(namespace),
      failed,
    });
  }
}

type Watched<T> = Omit<ReflectorOptions<T>, 'kube' | 'failed'>;

interface Inside {
  readonly pods: Reflector<PodRecord>;
  /** By name, which is that of a workload's. */
  readonly configMaps: Map<string, Reflector<ConfigMapRecord>>;
  readonly policies: Map<string, Reflector<PolicyRecord>>;
}

const NO_PODS: ReadonlyMap<string, PodRecord> = new Map();

function byName(name: string): Readonly<Record<string, string>> {
  return { fieldSelector: `metadata.name=${name}` };
}
