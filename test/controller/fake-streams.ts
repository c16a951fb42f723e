import type { KubeFailure, WatchRequest } from '../../webhook/controller/kube.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { type Place, selected } from './fake-place.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly place: Place;
  readonly object: JsonObject;
  readonly version: number;
}

type Ended = { readonly ok: true } | KubeFailure;

interface Stream {
  readonly request: WatchRequest;
  readonly place: Place;
  readonly end: (ended: Ended) => void;
  /** The last version that it has shown. */
  told: number;
}

/** The watches of the API server in memory. */
export class FakeStreams {
  /** How many were opened so far. */
  opened = 0;
  /** Nothing is told any more: a connection that is dead without anybody noticing. */
  silent = false;
  /** How long a change takes to be told. */
  tellAfterMs = 0;
  readonly #open = new Set<Stream>();
  #history: Change[] = [];
  #forgotten = 0;

  get current(): number {
    return this.#open.size;
  }

  open(request: WatchRequest, place: Place): Promise<Ended> {
    this.opened += 1;
    return new Promise((resolve) => {
      const stop = () => stream.end(ABORTED);
      const stream: Stream = {
        request,
        place,
        told: Number(request.query['resourceVersion'] ?? 0),
        end: (ended) => {
          this.#open.delete(stream);
          request.signal.removeEventListener('abort', stop);
          resolve(ended);
        },
      };
      this.#open.add(stream);
      request.signal.addEventListener('abort', stop);
      if (request.signal.aborted) stop();
      else this.#catchUp(stream);
    });
  }

  tell(change: Change): void {
    this.#history.push(change);
    if (this.silent) return;
    const deliver = () => {
      for (const stream of [...this.#open]) this.#deliver(stream, change);
    };
    if (this.tellAfterMs > 0) setTimeout(deliver, this.tellAfterMs);
    else deliver();
  }

  bookmark(version: number): void {
    const metadata = { resourceVersion: String(version) };
    for (const { request } of [...this.#open]) request.take({ type: 'BOOKMARK', object: { metadata } });
  }

  /** Old versions are forgotten; who asks for them is told so. */
  forget(): void {
    this.#forgotten = this.#history.at(-1)?.version ?? 0;
    this.#history = [];
  }

  /** Ends every stream; in good order unless told otherwise. */
  end(ended: Ended = { ok: true }): void {
    for (const stream of [...this.#open]) stream.end(ended);
  }

  /** Says an error on every stream, as the API server does, and ends it. */
  complain(code: number): void {
    for (const stream of [...this.#open]) complain(stream, code);
  }

  #catchUp(stream: Stream): void {
    const from = Number(stream.request.query['resourceVersion'] ?? 0);
    if (from < this.#forgotten) complain(stream, 410);
    else for (const change of this.#history) this.#deliver(stream, change);
  }

  #deliver(stream: Stream, { type, place: at, object, version }: Change): void {
    const { request, place } = stream;
    if (version <= stream.told || !selected(at, object, place, request.query)) return;
    stream.told = version;
    request.take({ type, object: structuredClone(object) });
  }
}

const ABORTED: Ended = { ok: false, status: 0, message: 'aborted' };

function complain({ request, end }: Stream, code: number): void {
  request.take({ type: 'ERROR', object: { kind: 'Status', code, message: 'said by the server' } });
  end({ ok: true });
}
