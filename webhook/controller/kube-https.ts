import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request as sendRequest } from 'node:https';
import { text as readStream } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Milliseconds, milliseconds } from '../core/duration.ts';
import { isObject } from '../core/json.ts';
import { trimEnd } from '../core/trim.ts';
import {
  type Kube,
  type KubeAnswer,
  type KubeFailure,
  type KubeRequest,
  STATUS,
  type WatchRequest,
} from './kube.ts';

const REQUEST_TIMEOUT = milliseconds(15_000);
/** A stream is asked to end by itself; one that has not by then hangs on a dead connection. */
const WATCH_SECONDS = 60;
const WATCH_TIMEOUT = milliseconds((WATCH_SECONDS + 10) * 1000);
/** A service account's token is replaced long before it ends. */
const CREDENTIALS_KEPT_MS = 30_000;
const BUSY = 429;
const MIN_ERROR_STATUS = 300;
const MAX_BUSY_WAIT_MS = 5_000;
const MAX_SOCKETS = 16;

/** How long an exchange, and a stream, may take. */
export interface Timeouts {
  readonly request: Milliseconds;
  readonly watch: Milliseconds;
}

const TIMEOUTS: Timeouts = { request: REQUEST_TIMEOUT, watch: WATCH_TIMEOUT };

/** The API server that a kubeconfig names, over HTTPS with connections that are kept. */
export function connectKube(config: KubeConfig, monotonicMs: () => number, timeouts = TIMEOUTS): Kube {
  const credentials = credentialsOf(config, monotonicMs);
  return {
    send: async (request) => {
      const first = await exchange(credentials, request, timeouts);
      if (first.ok || first.status !== BUSY) return first;
      // 429 comes from API Priority and Fairness before the request ran, so retrying is safe.
      await sleep(Math.random() * MAX_BUSY_WAIT_MS);
      return exchange(credentials, request, timeouts);
    },
    watch: (request) => stream(credentials, request, timeouts),
  };
}

interface Credentials {
  readonly server: string;
  readonly options: RequestOptions;
}

function credentialsOf(config: KubeConfig, monotonicMs: () => number): () => Promise<Credentials> {
  const server = config.getCurrentCluster()?.server ?? '';
  let agent: Agent | undefined;
  let kept: Credentials | undefined;
  let readAtMs = 0;
  return async () => {
    if (kept && monotonicMs() - readAtMs < CREDENTIALS_KEPT_MS) return kept;
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    agent ??= new Agent({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      ca,
      cert,
      key,
      rejectUnauthorized,
      servername,
    });
    kept = { server, options: { agent, headers: options.headers ?? {} } };
    readAtMs = monotonicMs();
    return kept;
  };
}

type Authenticate = () => Promise<Credentials>;

async function exchange(
  credentials: Authenticate,
  request: KubeRequest,
  timeouts: Timeouts,
): Promise<KubeAnswer> {
  const signal = AbortSignal.timeout(timeouts.request);
  try {
    const response = await open(await credentials(), request, signal);
    const { statusCode = 0 } = response;
    const text = await readStream(response);
    if (statusCode >= MIN_ERROR_STATUS) return refused(statusCode, text);
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return isObject(body) ? { ok: true, body } : unreachable(`${request.path} answered with no object`);
  } catch (error) {
    return unreachable(`${request.method} ${request.path}: ${(error as Error).message}`);
  }
}

async function stream(
  credentials: Authenticate,
  { path, query, take, signal }: WatchRequest,
  timeouts: Timeouts,
) {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeouts.watch)]);
  const watching = { watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH_SECONDS) };
  try {
    const known = await credentials();
    // A connection of its own: a stream would take one from the requests for as long as it lasts.
    const apart = { ...known, options: { ...known.options, agent: streamAgent(known) } };
    const response = await open(apart, { method: 'GET', path, query: { ...query, ...watching } }, ending);
    const { statusCode = 0 } = response;
    if (statusCode >= MIN_ERROR_STATUS) return refused(statusCode, await readStream(response));
    await eachLine(response, (line) => {
      const event: unknown = JSON.parse(line);
      if (isObject(event)) take(event);
    });
    return { ok: true } as const;
  } catch (error) {
    return unreachable(`watch of ${path}: ${(error as Error).message}`);
  }
}

async function eachLine(response: IncomingMessage, take: (line: string) => void): Promise<void> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  }
}

const streamAgents = new WeakMap<object, Agent>();

function streamAgent({ options }: Credentials): Agent {
  const own = options.agent as Agent;
  const known = streamAgents.get(own);
  if (known) return known;
  const made = new Agent({ ...own.options, keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  streamAgents.set(own, made);
  return made;
}

function open(
  { server, options }: Credentials,
  { method, path, query, body, contentType }: KubeRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  // The server may stand below a path of a proxy.
  const url = new URL(`${trimEnd(server, '/')}${path}`);
  for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    ...(options.headers as Record<string, string>),
    Accept: 'application/json',
    ...(payload
      ? { 'Content-Type': contentType ?? 'application/json', 'Content-Length': payload.length }
      : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = sendRequest(url, { ...options, method, headers, signal }, resolve);
    sent.once('error', reject);
    sent.end(payload);
  });
}

/** A server that is overloaded, or something in front of it, answers in plain text. */
function refused(status: number, text: string): KubeFailure {
  return { ok: false, status, message: messageOf(text) ?? (text.trim() || `status ${status}`) };
}

function messageOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) && typeof body['message'] === 'string' ? body['message'] : undefined;
  } catch {
    return undefined;
  }
}

function unreachable(message: string): KubeFailure {
  return { ok: false, status: STATUS.unreachable, message };
}
