import type {
  Kube,
  KubeAnswer,
  KubeFailure,
  KubeRequest,
  WatchRequest,
} from '../../webhook/controller/kube.ts';
import { collectionPath, nameOf, objectPath, type Resource } from '../../webhook/controller/resources.ts';
import { isObject, type JsonObject } from '../../webhook/core/json.ts';
import { merged } from './fake-merge.ts';
import { metaOf, type Place, placeOf, selected } from './fake-place.ts';
import { FakeStreams } from './fake-streams.ts';

/** An answer instead of the usual one, or undefined for that. */
export type Fault = (request: KubeRequest) => KubeFailure | undefined;

/**
 * An API server in memory: pages, versions, watches, server-side apply and the refusals that we meet. Its clock is
 * given, and nothing in it waits unless `answerAfterMs` says so.
 */
export class FakeKube implements Kube {
  readonly requests: KubeRequest[] = [];
  readonly streams = new FakeStreams();
  fault: Fault = () => undefined;
  answerAfterMs = 0;
  readonly #objects = new Map<string, JsonObject>();
  readonly #nowMs: () => number;
  #version = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What somebody else writes. */
  put(resource: Resource, object: JsonObject): void {
    const { name, namespace } = nameOf(object);
    this.#write(placeOf(objectPath(resource, name, namespace)), object);
  }

  /** What somebody else changes. */
  change(resource: Resource, name: string, namespace: string | undefined, patch: JsonObject): void {
    const place = placeOf(objectPath(resource, name, namespace));
    this.#write(place, merged(this.#objects.get(place.path) ?? {}, patch));
  }

  remove(resource: Resource, name: string, namespace?: string): void {
    this.#delete(placeOf(objectPath(resource, name, namespace)));
  }

  get(resource: Resource, name: string, namespace?: string): JsonObject | undefined {
    return this.#objects.get(objectPath(resource, name, namespace));
  }

  all(resource: Resource, namespace?: string): readonly JsonObject[] {
    return this.#in(placeOf(collectionPath(resource, namespace)), {});
  }

  /** Requests so far by method, and by what their path contains. */
  sent(method: KubeRequest['method'], part: string): readonly KubeRequest[] {
    return this.requests.filter((request) => request.method === method && request.path.includes(part));
  }

  async send(request: KubeRequest): Promise<KubeAnswer> {
    this.requests.push(request);
    if (this.answerAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, this.answerAfterMs));
    return structuredClone(this.fault(request) ?? this.#answer(request, placeOf(request.path)));
  }

  watch(request: WatchRequest): ReturnType<Kube['watch']> {
    const fault = this.fault({ method: 'GET', path: request.path, query: { ...request.query, watch: '1' } });
    return fault ? Promise.resolve(fault) : this.streams.open(request, placeOf(request.path));
  }

  #answer(request: KubeRequest, place: Place): KubeAnswer {
    const live = this.#objects.get(place.path);
    if (request.method === 'GET' && place.name === undefined) return this.#page(request, place);
    if (request.method === 'POST') return this.#create(place, request.body ?? {});
    if (request.contentType?.includes('apply')) return this.#apply(place, live, request);
    return live ? this.#existing(request, place, live) : refusal(404);
  }

  #create(collection: Place, object: JsonObject): KubeAnswer {
    const place = placeOf(`${collection.path}/${String(metaOf(object)['name'])}`);
    return this.#objects.has(place.path) ? refusal(409) : this.#write(place, object);
  }

  #existing({ method, body = {} }: KubeRequest, place: Place, live: JsonObject): KubeAnswer {
    if (method === 'GET') return { ok: true, body: live };
    if (contradicts(live, method === 'DELETE' ? preconditions(body) : metaOf(body))) return refusal(409);
    if (method === 'DELETE') return this.#delete(place);
    const next = method === 'PUT' ? body : merged(live, body);
    return isFrozen(live, next) ? refusal(422) : this.#write(place, next);
  }

  #apply(place: Place, live: JsonObject | undefined, { body = {}, query = {} }: KubeRequest): KubeAnswer {
    const manager = query['fieldManager'] ?? '';
    const others = ((metaOf(live ?? {})['managedFields'] ?? []) as readonly JsonObject[]).filter(
      (entry) => entry['manager'] !== manager,
    );
    const mine = { manager, operation: 'Apply', time: new Date(this.#nowMs()).toISOString(), applied: body };
    const before = this.#appliedBy(live, manager);
    const next = merged(live ?? {}, body, before);
    if (live && isFrozen(live, next)) return refusal(422);
    if (live && JSON.stringify(next) === JSON.stringify(live)) return { ok: true, body: live };
    return this.#write(place, merged(next, { metadata: { managedFields: [...others, mine] } }));
  }

  #appliedBy(live: JsonObject | undefined, manager: string): JsonObject {
    const fields = (metaOf(live ?? {})['managedFields'] ?? []) as readonly JsonObject[];
    const own = fields.find((entry) => entry['manager'] === manager)?.['applied'];
    return isObject(own) ? own : {};
  }

  #page({ query = {} }: KubeRequest, place: Place): KubeAnswer {
    const from = Number(query['continue'] ?? 0);
    const to = from + Number(query['limit'] ?? 500);
    const all = this.#in(place, query);
    const more = to < all.length ? { continue: String(to) } : {};
    return {
      ok: true,
      body: { metadata: { resourceVersion: String(this.#version), ...more }, items: all.slice(from, to) },
    };
  }

  #in(place: Place, query: Readonly<Record<string, string>>): JsonObject[] {
    return [...this.#objects]
      .filter(([path, object]) => selected(placeOf(path), object, place, query))
      .map(([, object]) => object);
  }

  #write(place: Place, object: JsonObject): KubeAnswer {
    const live = this.#objects.get(place.path);
    this.#version += 1;
    const metadata = {
      uid: `uid-${this.#version}`,
      creationTimestamp: new Date(this.#nowMs()).toISOString(),
      ...(live && { uid: metaOf(live)['uid'], creationTimestamp: metaOf(live)['creationTimestamp'] }),
      ...metaOf(object),
      resourceVersion: String(this.#version),
    };
    const next = { ...structuredClone(object), metadata };
    this.#objects.set(place.path, next);
    this.streams.tell({ type: live ? 'MODIFIED' : 'ADDED', place, object: next, version: this.#version });
    return { ok: true, body: next };
  }

  #delete(place: Place): KubeAnswer {
    const live = this.#objects.get(place.path);
    if (!live) return refusal(404);
    this.#objects.delete(place.path);
    this.#version += 1;
    const object = { ...live, metadata: { ...metaOf(live), resourceVersion: String(this.#version) } };
    this.streams.tell({ type: 'DELETED', place, object, version: this.#version });
    return { ok: true, body: {} };
  }
}

export function refusal(status: number, message = `refused with ${status}`): KubeFailure {
  return { ok: false, status, message };
}

function preconditions(body: JsonObject): JsonObject {
  return isObject(body['preconditions']) ? body['preconditions'] : {};
}

/** Whether a write names another version or identity than what is there. */
function contradicts(live: JsonObject, wanted: JsonObject): boolean {
  return ['uid', 'resourceVersion'].some(
    (key) => wanted[key] !== undefined && wanted[key] !== metaOf(live)[key],
  );
}

/** What no write may do: change the data of what is immutable, or the type of a Secret. */
function isFrozen(live: JsonObject, next: JsonObject): boolean {
  const differs = (key: string) => JSON.stringify(live[key]) !== JSON.stringify(next[key]);
  return differs('type') || (live['immutable'] === true && (differs('data') || differs('immutable')));
}
