import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type JsonObject } from '../core/json.ts';
import { backoff } from './backoff.ts';
import { type Kube, type KubeFailure, STATUS } from './kube.ts';
import { collectionPath, nameOf, type Resource } from './resources.ts';

export interface ReflectorOptions<T> {
  readonly kube: Kube;
  readonly resource: Resource;
  readonly namespace?: string;
  /** Further limits of what is listed and watched, such as a field selector. */
  readonly query?: Readonly<Record<string, string>>;
  /** What is kept of an object; undefined keeps nothing. */
  readonly keep: (object: JsonObject) => T | undefined;
  /** Told of each change after it is in `items`; `before` is what stood there. */
  readonly changed: (key: string, now: T | undefined, before: T | undefined) => void;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** Small enough that a page of pods is a few megabytes. */
const PAGE_SIZE = '250';

/**
 * A picture of the objects of one kind, kept up to date by list and watch. It is never thrown away while the API
 * server cannot be reached; what was missed in between is found by listing anew.
 */
export class Reflector<T> {
  readonly items = new Map<string, T>();
  readonly #options: ReflectorOptions<T>;
  readonly #stopping = new AbortController();
  #round = new AbortController();
  #synced = false;
  /** In a row: what the server says in between starts the count anew. */
  #failures = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Whether the picture was complete once. */
  get synced(): boolean {
    return this.#synced;
  }

  get(key: string): T | undefined {
    return this.items.get(key);
  }

  start(): void {
    void this.#run();
  }

  /** Lists anew, because what is kept of an object has changed. */
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
      const listed = await this.#list();
      const ended = listed.ok ? await this.#follow(listed.version) : listed;
      if (signal.aborted) return;
      if (this.#round.signal.aborted) continue;
      this.#failures += 1;
      if (ended.status !== STATUS.gone) this.#options.failed(this.#options.resource, ended);
      await sleep(backoff(this.#failures, Math.random), undefined, { signal }).catch(() => undefined);
    }
  }

  async #list(): Promise<{ ok: true; version: string } | KubeFailure> {
    const { kube, resource, namespace, query } = this.#options;
    const found = new Map<string, T>();
    let next = '';
    let version = '';
    do {
      const answer = await kube.send({
        method: 'GET',
        path: collectionPath(resource, namespace),
        query: { ...query, limit: PAGE_SIZE, ...(next === '' ? {} : { continue: next }) },
      });
      if (!answer.ok) return answer;
      const metadata = isObject(answer.body['metadata']) ? answer.body['metadata'] : {};
      next = String(metadata['continue'] ?? '');
      version = String(metadata['resourceVersion'] ?? '');
      for (const object of (answer.body['items'] ?? []) as readonly JsonObject[]) {
        const kept = this.#options.keep(object);
        if (kept !== undefined) found.set(keyOf(object), kept);
      }
    } while (next !== '');
    this.#replace(found);
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
      const ended = await this.#options.kube.watch({
        path: collectionPath(this.#options.resource, this.#options.namespace),
        query: { ...this.#options.query, resourceVersion: version },
        signal: AbortSignal.any([this.#stopping.signal, this.#round.signal]),
        take: (event) => {
          const object = isObject(event['object']) ? event['object'] : {};
          if (event['type'] === 'ERROR') failure = statusFailure(object);
          else version = this.#take(String(event['type']), object) ?? version;
        },
      });
      if (ended.ok) this.#failures = 0;
      else failure ??= ended;
    }
    return failure;
  }

  /** Gives the version that the object shows. */
  #take(type: string, object: JsonObject): string | undefined {
    this.#failures = 0;
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

function statusFailure(status: JsonObject): KubeFailure {
  return {
    ok: false,
    status: Number(status['code'] ?? 0),
    message: String(status['message'] ?? 'watch failed'),
  };
}
