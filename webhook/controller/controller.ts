import { type Milliseconds, milliseconds } from '../core/duration.ts';
import type { Plan } from '../edges/plan.ts';
import { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { BUNDLE, Keys, TRUST } from './keys.ts';
import type { KubeFailure } from './kube.ts';
import type { Leaf } from './leaf.ts';
import { type NamespaceTask, reconcileNamespace } from './namespaces.ts';
import type { NetworkPolicyMode } from './network-policy.ts';
import { type AnnotatedPods, annotatePod } from './pod-annotations.ts';
import { countPods } from './pod-counts.ts';
import { type PodTask, type RecordedEvents, recordPodEvent } from './pod-events.ts';
import { ProxyWatch } from './proxy-watch.ts';
import type { Resource } from './resources.ts';
import { Rivalry, rivalMessage, rivalOf } from './rival.ts';
import { Source } from './source.ts';
import type { TrustSettings } from './trust.ts';
import { type Outcome, WorkQueue } from './work-queue.ts';

export interface ControllerSettings {
  /** Namespace of the release, with the diversion's ConfigMap in it. */
  readonly namespace: string;
  readonly configMap: string;
  /** `NAMESPACE/NAME` of the release, by which it marks what it keeps. */
  readonly release: string;
  /** Absent when the certificates come from elsewhere. */
  readonly trust?: TrustSettings;
  readonly policyMode: NetworkPolicyMode;
  /** Whether pods may be patched so that their kubelets see a change at once. */
  readonly nudge: boolean;
}

const CONCURRENCY = 8;
const EVENT_CONCURRENCY = 2;
const NAMESPACE = 'namespace:';
const POD = 'pod:';
const UNTRUSTED = 'the registration does not trust the certificate of this replica yet';
const MAX_TICK_MS = 10_000;
const MIN_TICK_MS = 250;
/** Ticks in the shorter of a leaf's lifetime and an authority's settle time. */
const LOOKS = 10;

/**
 * Writes to the cluster. Every replica does all of it: each write is idempotent, so no leader is needed.
 */
export class Controller {
  readonly #context: Context;
  readonly #settings: ControllerSettings;
  readonly #source: Source;
  readonly #cache: ClusterCache;
  readonly #queue: WorkQueue;
  /** Separate, so that events never hold up reconciling. */
  readonly #eventQueue: WorkQueue;
  readonly #recordedEvents: RecordedEvents = new Map();
  readonly #annotatedPods: AnnotatedPods = new Map();
  readonly #proxies: ProxyWatch;
  readonly #rivalry: Rivalry;
  readonly #namespaceTask: NamespaceTask;
  readonly #keys: Keys | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(context: Context, settings: ControllerSettings, useLeaf: (leaf: Leaf) => void) {
    this.#context = context;
    this.#settings = settings;
    const { namespace, configMap } = settings;
    this.#source = new Source({
      context,
      namespace,
      name: configMap,
      taken: (rendered) => this.#cache.use(rendered),
      failed: this.#failed,
    });
    this.#queue = new WorkQueue({ handle: this.#handle, concurrency: CONCURRENCY });
    this.#eventQueue = new WorkQueue({
      handle: (key) => this.#guard(key, () => recordPodEvent(this.#task, this.#recordedEvents, key)),
      concurrency: EVENT_CONCURRENCY,
    });
    this.#cache = new ClusterCache({
      context,
      policyMode: settings.policyMode,
      failed: this.#failed,
      events: {
        namespace: (name) => this.#queue.add(`${NAMESPACE}${name}`),
        pod: (key) => {
          this.#proxies.look(key);
          this.#tellOf(key);
        },
      },
    });
    this.#proxies = new ProxyWatch({ context, cache: this.#cache, changed: (key) => this.#tellOf(key) });
    this.#rivalry = new Rivalry(context, this.#cache, settings);
    this.#namespaceTask = {
      context,
      cache: this.#cache,
      release: settings.release,
      toldLabels: new Map(),
      confirm: (sinceMs) => this.#source.confirm(sinceMs),
    };
    this.#keys =
      settings.trust &&
      new Keys(context, settings.trust, {
        useLeaf,
        changed: (key) => this.#queue.add(key),
        failed: this.#failed,
      });
  }

  /** The diversion in force; undefined until one has been read. */
  get plan(): Plan | undefined {
    return this.#source.rendered?.plan;
  }

  /** Why reviews are not to be sent to this replica; undefined when they are verified and decided. */
  get notReady(): string | undefined {
    if (!this.plan) return this.#source.absence;
    const rival = rivalOf(this.#cache, this.#settings.release);
    if (rival !== undefined) return rivalMessage(rival, this.plan.diversion);
    return (this.#keys?.trust.ready ?? true) ? undefined : UNTRUSTED;
  }

  start(): void {
    this.#source.start();
    this.#keys?.start();
    this.#ticker = setInterval(this.#tick, this.#tickEvery());
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.#queue.stop();
    this.#eventQueue.stop();
    this.#cache.stop();
    this.#proxies.stop();
    this.#source.stop();
    this.#keys?.stop();
  }

  readonly #handle = (key: string): Promise<Outcome> =>
    this.#guard(key, async () => {
      if (key === TRUST) return (await this.#keys?.trust.reconcile()) ?? 'done';
      if (key === BUNDLE) return (await this.#keys?.copyBundle()) ?? 'done';
      if (key.startsWith(NAMESPACE)) {
        return reconcileNamespace(this.#namespaceTask, key.slice(NAMESPACE.length));
      }
      return annotatePod(this.#task, this.#annotatedPods, key.slice(POD.length));
    });

  get #task(): PodTask {
    return { context: this.#context, cache: this.#cache, proxies: this.#proxies };
  }

  /** By an event, and where that is allowed by annotations. */
  #tellOf(key: string): void {
    if (this.#settings.nudge) this.#queue.add(`${POD}${key}`);
    this.#eventQueue.add(key);
  }

  async #guard(key: string, handle: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await handle();
    } catch (error) {
      this.#context.log.error({ err: error, key }, 'internal error: reconcile failed');
      return 'failed';
    }
  }

  readonly #failed = ({ kind }: Resource, { status, message }: KubeFailure): void => {
    this.#context.metrics.failures.inc({ kind });
    this.#context.log.warn({ kind, status }, message);
  };

  readonly #tick = (): void => {
    this.#queue.add(TRUST);
    const { rendered } = this.#source;
    if (!rendered) return;
    countPods({ ...this.#task, rendered });
    void this.#rivalry.look(rendered);
  };

  #tickEvery(): Milliseconds {
    const { trust } = this.#settings;
    const shortest = trust ? Math.min(trust.leafLifetime, trust.settle) / LOOKS : MAX_TICK_MS;
    return milliseconds(Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, shortest)));
  }
}
