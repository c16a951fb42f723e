import type { JsonObject } from '../core/json.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path from the root of the API server, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly contentType?: string;
}

/** No answer at all has status 0. */
export interface KubeFailure {
  readonly ok: false;
  readonly status: number;
  readonly message: string;
}

export type KubeAnswer = { readonly ok: true; readonly body: JsonObject } | KubeFailure;

export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Called with each event as it was received. */
  readonly take: (event: JsonObject) => void;
  readonly signal: AbortSignal;
}

/** The API server, as far as the controller needs it. Every call ends by itself. */
export interface Kube {
  send(request: KubeRequest): Promise<KubeAnswer>;
  /** Settles when the stream is over; `ok` when the server ended it in good order. */
  watch(request: WatchRequest): Promise<{ readonly ok: true } | KubeFailure>;
}

export const STATUS = {
  unreachable: 0,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  gone: 410,
  invalid: 422,
} as const;
