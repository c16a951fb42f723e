import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Kube } from '../../webhook/controller/kube.ts';
import { connectKube } from '../../webhook/controller/kube-https.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { issue } from '../server/serving.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PAIR = await issue();
const TOKEN_FILE = path.join(tmpdir(), `shunt-token-${process.pid}`);

let server: Server;
let kube: Kube;
let asked: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers'] }[];
let answers: Answer[];
let nowMs: number;

beforeEach(async () => {
  asked = [];
  answers = [];
  nowMs = 0;
  writeFileSync(TOKEN_FILE, 'first');
  server = createServer(PAIR.leaf, (request, response) => {
    const { method, url, headers } = request;
    asked.push({ method, url, headers });
    (answers.shift() ?? json(200, {}))(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  kube = connect('');
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(TOKEN_FILE, { force: true });
  vi.restoreAllMocks();
});

function connect(below: string, port = (server.address() as AddressInfo).port, watchMs = 1000): Kube {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'c',
        server: `https://127.0.0.1:${port}${below}`,
        caData: Buffer.from(PAIR.authority.cert).toString('base64'),
      },
    ],
    users: [{ name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile: TOKEN_FILE } } }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return connectKube(config, () => nowMs, { request: milliseconds(1000), watch: milliseconds(watchMs) });
}

function json(status: number, body: unknown): Answer {
  return (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function plainText(status: number, text: string): Answer {
  return (_, response) => response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}

const get = () => kube.send({ method: 'GET', path: '/api/v1/pods' });

async function watch(signal = new AbortController().signal) {
  const events: JsonObject[] = [];
  const ended = await kube.watch({
    path: '/api/v1/pods',
    query: { resourceVersion: '7' },
    signal,
    take: (event) => void events.push(event),
  });
  return { ended, events };
}

describe('a request', () => {
  it('says who asks, what, and in what form', async () => {
    answers = [json(201, { kind: 'Pod' })];
    const body = { text: 'ä' };
    const query = { fieldManager: 'shunt', force: 'true' };
    const sent = { method: 'PATCH', path: '/api/v1/pods', query, contentType: 'x/y', body } as const;
    expect(await kube.send(sent)).toEqual({ ok: true, body: { kind: 'Pod' } });
    expect(asked[0]).toMatchObject({
      method: 'PATCH',
      url: '/api/v1/pods?fieldManager=shunt&force=true',
      headers: { authorization: 'Bearer first', 'content-type': 'x/y', 'content-length': '13' },
    });
  });

  it('goes below the path of the server', async () => {
    kube = connect('/k8s/clusters/c-1/');
    await get();
    expect(asked[0]?.url).toBe('/k8s/clusters/c-1/api/v1/pods');
  });

  it.each<[string, Answer, number, RegExp]>([
    ['a Status', json(404, { kind: 'Status', message: 'pods "x" not found' }), 404, /^pods "x" not found$/],
    ['an error without a message', json(500, {}), 500, /500|\{\}/],
    ['plain text', plainText(503, 'apiserver is shutting down\n'), 503, /^apiserver is shutting down$/],
    ['a page for people', plainText(502, '<html>bad gateway</html>'), 502, /bad gateway/],
    ['an empty error', plainText(504, ''), 504, /^status 504$/],
    ['a redirection', plainText(302, ''), 302, /302/],
    ['a list where an object belongs', json(200, []), 0, /no object/],
    ['null', json(200, null), 0, /no object/],
    ['no JSON', plainText(200, '{"kind": '), 0, /JSON/],
    ['an error that is a list', json(409, ['x']), 409, /x/],
  ])('that is answered with %s fails with its status', async (_, answer, status, message) => {
    answers = [answer];
    expect(await get()).toEqual({ ok: false, status, message: expect.stringMatching(message) });
  });

  it.each<[string, Answer]>([
    ['hangs', () => undefined],
    ['hangs in the middle of its answer', (_, response) => response.writeHead(200).write('{"a":')],
    ['breaks the connection', (request) => request.socket.destroy()],
    [
      'breaks it in the middle of its answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"a":');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
  ])('to a server that %s ends by itself, and the next one works', async (_, answer) => {
    answers = [answer];
    expect(await get()).toMatchObject({
      ok: false,
      status: 0,
      message: expect.stringContaining('/api/v1/pods'),
    });
    expect(await get()).toMatchObject({ ok: true });
  });

  it('to nobody is a failure, not an exception', async () => {
    kube = connect('', 1);
    expect(await get()).toMatchObject({ ok: false, status: 0 });
    expect((await watch()).ended).toMatchObject({ ok: false, status: 0 });
  });

  it.each([
    ['a Status', json(429, { message: 'too many' })],
    ['plain text', plainText(429, 'Too many requests, please try again later.')],
  ])('that the server is too busy for, as %s, is sent once more', async (_, busy) => {
    answers = [busy, json(200, { a: 1 })];
    expect(await get()).toEqual({ ok: true, body: { a: 1 } });
    answers = [busy, busy, json(200, {})];
    expect(await get()).toMatchObject({ ok: false, status: 429 });
    expect(asked).toHaveLength(4);
  });
});

describe('the token', () => {
  const bearer = () => asked.map(({ headers }) => headers.authorization);

  it('is read again after a while', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await get();
    writeFileSync(TOKEN_FILE, 'second');
    await get();
    nowMs += 100_000;
    vi.setSystemTime(Date.now() + 100_000);
    await get();
    vi.useRealTimers();
    expect(bearer()).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  it('that cannot be read is a failure like any other', async () => {
    rmSync(TOKEN_FILE);
    expect(await get()).toMatchObject({ ok: false, status: 0, message: expect.stringContaining('ENOENT') });
    expect((await watch()).ended).toMatchObject({ ok: false, status: 0 });
    writeFileSync(TOKEN_FILE, readFileSync('/dev/null'));
    writeFileSync(TOKEN_FILE, 'back');
    await get();
    expect(bearer()).toEqual(['Bearer back']);
  });
});

describe('a watch', () => {
  const stream =
    (...pieces: readonly string[]): Answer =>
    async (_, response) => {
      response.writeHead(200);
      for (const piece of pieces) {
        response.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      response.end();
    };

  it('gives each line as it comes, however it is cut, and drops half a line at the end', async () => {
    const text = Buffer.from('{"type":"ADDED","object":{"a":"ä"}}\n{"type":"BOOKMARK"}\n');
    const cut = text.indexOf('ä') + 1;
    answers = [
      (_, response) => {
        response.writeHead(200);
        response.write(text.subarray(0, cut));
        setTimeout(() => response.end(Buffer.concat([text.subarray(cut), Buffer.from('{"type":"DEL')])), 20);
      },
    ];
    expect(await watch()).toEqual({
      ended: { ok: true },
      events: [{ type: 'ADDED', object: { a: 'ä' } }, { type: 'BOOKMARK' }],
    });
    expect(asked[0]?.url).toMatch(/\?resourceVersion=7&watch=1&allowWatchBookmarks=true&timeoutSeconds=60$/);
  });

  it('a line that is no JSON ends it as a failure', async () => {
    answers = [stream('{"type":"ADDED"}\n', 'oops\n', '{"type":"ADDED"}\n')];
    const { ended, events } = await watch();
    expect([ended.ok, events.length]).toEqual([false, 1]);
  });

  it.each([
    ['410 with a Status', json(410, { message: 'too old' }), 410, 'too old'],
    ['429 as text', plainText(429, 'busy'), 429, 'busy'],
    ['null', json(500, null), 500, 'null'],
  ])('that is refused with %s says so', async (_, answer, status, message) => {
    answers = [answer];
    expect((await watch()).ended).toEqual({ ok: false, status, message });
  });

  it.each<[string, Answer]>([
    ['never answers', () => undefined],
    ['falls silent', (_, response) => response.writeHead(200).write('{"type":"ADDED"}\n')],
    [
      'is cut in the middle of a line',
      (request, response) => {
        response.writeHead(200).write('{"type":"ADD');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
  ])('of a server that %s ends as a failure', async (_, answer) => {
    answers = [answer];
    expect((await watch()).ended).toMatchObject({ ok: false, status: 0 });
  });

  it('ends as soon as it is told to, before or in the middle', async () => {
    const stopping = new AbortController();
    answers = [(_, response) => response.writeHead(200).write('{"type":"ADDED"}\n')];
    const started = performance.now();
    setTimeout(() => stopping.abort(), 50);
    expect((await watch(stopping.signal)).ended.ok).toBe(false);
    expect((await watch(stopping.signal)).ended.ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(900);
  });

  it('takes no connection from the requests', async () => {
    const most = 20;
    kube = connect('', undefined, 20_000);
    const stopping = new AbortController();
    answers = Array.from(
      { length: most },
      () => (_, response) => void response.writeHead(200).flushHeaders(),
    );
    const watches = answers.map(() => watch(stopping.signal));
    await vi.waitUntil(() => asked.length === most, { timeout: 15_000 });
    expect(await kube.send({ method: 'GET', path: '/version' })).toEqual({ ok: true, body: {} });
    stopping.abort();
    await Promise.all(watches);
  });
});
