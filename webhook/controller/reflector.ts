import { milliseconds } from '../core/duration.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { backoff } from './backoff.ts';
import { type Kube, type KubeFailure, STATUS, type WatchRequest } from './kube.ts';
import { listPage } from './list-page.ts';
import { pause } from './pause.ts';
import { collectionPath, nameOf, type Resource } from './resources.ts';

export interface ReflectorOptions<T> {
  readonly kube: Kube;
  readonly resource: Resource;
  readonly namespace?: string;
  /** Further limits of what is listed and watched, such as a field selector. */
  readonly query?: Readonly<Record<string, string>>;
  /** What is kept of an object; undefined keeps nothing. */
  readonly keep: (object: JsonObject) => T | undefined;
  /** Told of each change after it is in `items`; `before` is what was there. */
  readonly changed: (key: string, now: T | undefined, before: T | undefined) => void;
  /** Told each time after all of them were listed. */
  readonly listed?: () => void;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** While an API server is away: once it is back, a changed share must not wait for long. */
const MAX_BLIND_MS = 3_000;
const ENDED = { ok: false, status: STATUS.unreachable, message: 'ended' } as const;
/** A stream that lasted so long worked; one that did not counts as a failure even if it ended in good order. */
const STEADY = milliseconds(5_000);

/**
 * A copy of the objects of one kind, kept up to date by list and watch. It is never thrown away while the API
 * server cannot be reached; what was missed in between is found by listing anew.
 */
export class Reflector<T> {
  readonly items = new Map<string, T>();
  readonly #options: ReflectorOptions<T>;
  readonly #stopping = new AbortController();
  #round = new AbortController();
  #synced = false;
  /** In a row: a stream that lasts starts the count anew. */
  #failures = 0;
  /** Whether the last list got no answer at all: then there is no server to spare. */
  #away = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Whether the copy was complete once. */
  get synced(): boolean {
    return this.#synced;
  }

  get(key: string): T | undefined {
    return this.items.get(key);
  }

  start(): void {
    void this.#run();
  }

  /** Lists anew at once, also while it waits after a failure. */
  relist(): void {
    this.#round.abort();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#round = new AbortController();
      const ended = await this.#listAndFollow().catch(unexpected);
      if (signal.aborted) return;
      if (this.#round.signal.aborted) continue;
      if (ended.status !== STATUS.gone) this.#options.failed(this.#options.resource, ended);
      await this.#backOff();
    }
  }

  async #listAndFollow(): Promise<KubeFailure> {
    const listed = await this.#list();
    this.#away = !listed.ok && listed.status === STATUS.unreachable;
    return listed.ok ? this.#follow(listed.version) : listed;
  }

  #backOff(): Promise<void> {
    this.#failures += 1;
    const longestMs = this.#away ? MAX_BLIND_MS : undefined;
    return pause(backoff(this.#failures, Math.random, longestMs), this.#ending());
  }

  /** Ends what is under way when this is stopped, or when it is to list anew. */
  #ending(): AbortSignal {
    return AbortSignal.any([this.#stopping.signal, this.#round.signal]);
  }

  async #list(): Promise<{ ok: true; version: string } | KubeFailure> {
    const { kube, resource, namespace, query } = this.#options;
    const found = new Map<string, T>();
    let from = '';
    let version = '';
    do {
      const page = await listPage(kube, { resource, namespace, query, from });
      if (!page.ok) return page;
      if (this.#ending().aborted) return ENDED;
      ({ next: from, version } = page);
      for (const object of page.items) {
        const kept = this.#options.keep(object);
        if (kept !== undefined) found.set(keyOf(object), kept);
      }
    } while (from !== '');
    this.#replace(found);
    this.#options.listed?.();
    return { ok: true, version };
  }

  #replace(found: ReadonlyMap<string, T>): void {
    this.#synced = true;
    for (const key of [...this.items.keys()]) if (!found.has(key)) this.#put(key, undefined);
    for (const [key, item] of found) this.#put(key, item);
  }

  /** Watches, one stream after the other, until one fails. */
  async #follow(from: string): Promise<KubeFailure> {
    let version = from;
    let failure: KubeFailure | undefined;
    while (failure === undefined) {
      const ended = await this.#stream(version, (event) => {
        const object = isObject(event['object']) ? event['object'] : {};
        if (event['type'] === 'ERROR') failure = statusFailure(object);
        else version = this.#take(String(event['type']), object) ?? version;
      });
      if (!ended.ok) failure ??= ended;
      if (failure === undefined) await this.#backOff();
    }
    return failure;
  }

  async #stream(version: string, take: WatchRequest['take']): ReturnType<Kube['watch']> {
    const { kube, resource, namespace, query } = this.#options;
    const steady = setTimeout(() => {
      this.#failures = 0;
    }, STEADY);
    const path = collectionPath(resource, namespace);
    const signal = this.#ending();
    try {
      return await kube.watch({ path, query: { ...query, resourceVersion: version }, signal, take });
    } finally {
      clearTimeout(steady);
    }
  }

  /** Gives the version that the object shows. */
  #take(type: string, object: JsonObject): string | undefined {
    const metadata = isObject(object['metadata']) ? object['metadata'] : {};
    if (type !== 'BOOKMARK') {
      this.#put(keyOf(object), type === 'DELETED' ? undefined : this.#options.keep(object));
    }
    return metadata['resourceVersion'] === undefined ? undefined : String(metadata['resourceVersion']);
  }

  #put(key: string, item: T | undefined): void {
    const before = this.items.get(key);
    if (item === undefined) this.items.delete(key);
    else this.items.set(key, item);
    if (item !== undefined || before !== undefined) this.#options.changed(key, item, before);
  }
}

/** `namespace/name`, or the name alone of what has no namespace. */
function keyOf(object: JsonObject): string {
  const { name, namespace } = nameOf(object);
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** What should not happen is told like any other failure, and tried again; it must not end the process. */
function unexpected(error: unknown): KubeFailure {
  return { ok: false, status: STATUS.unreachable, message: `internal error: ${String(error)}` };
}

function statusFailure(status: JsonObject): KubeFailure {
  return {
    ok: false,
    status: Number(status['code'] ?? 0),
    message: String(status['message'] ?? 'watch failed'),
  };
}
