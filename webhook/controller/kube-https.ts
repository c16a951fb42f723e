import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request as sendRequest } from 'node:https';
import { text as readStream } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { milliseconds } from '../core/duration.ts';
import { isObject, type JsonObject } from '../core/json.ts';
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
const LONGEST_BUSY_WAIT_MS = 5_000;
const MOST_SOCKETS = 16;

/** The API server that a kubeconfig names, over HTTPS with connections that are kept. */
export function connectKube(config: KubeConfig, monotonicMs: () => number): Kube {
  const credentials = credentialsOf(config, monotonicMs);
  return {
    send: async (request) => {
      const first = await exchange(await credentials(), request);
      if (first.ok || first.status !== BUSY) return first;
      // Said by priority and fairness, before anything was done.
      await sleep(Math.random() * LONGEST_BUSY_WAIT_MS);
      return exchange(await credentials(), request);
    },
    watch: async (request) => stream(await credentials(), request),
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
      maxSockets: MOST_SOCKETS,
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

async function exchange(credentials: Credentials, request: KubeRequest): Promise<KubeAnswer> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT);
  try {
    const response = await open(credentials, request, signal);
    const text = await readStream(response);
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (!isObject(body)) return unreachable(`${request.path} answered with no object`);
    if (response.statusCode !== undefined && response.statusCode < 300) return { ok: true, body };
    return refused(response, body);
  } catch (error) {
    return unreachable(`${request.method} ${request.path}: ${(error as Error).message}`);
  }
}

async function stream(credentials: Credentials, { path, query, take, signal }: WatchRequest) {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(WATCH_TIMEOUT)]);
  const watching = { watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH_SECONDS) };
  try {
    // A connection of its own: a stream would take one from the requests for as long as it lasts.
    const apart = { ...credentials, options: { ...credentials.options, agent: streamAgent(credentials) } };
    const response = await open(apart, { method: 'GET', path, query: { ...query, ...watching } }, ending);
    if (response.statusCode !== 200) return refused(response, JSON.parse(await readStream(response)));
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
  const url = new URL(path, server);
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

function refused({ statusCode = 0 }: IncomingMessage, body: JsonObject): KubeFailure {
  return { ok: false, status: statusCode, message: String(body['message'] ?? `status ${statusCode}`) };
}

function unreachable(message: string): KubeFailure {
  return { ok: false, status: STATUS.unreachable, message };
}
