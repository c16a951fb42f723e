import { rmSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Kube } from '../../webhook/controller/kube.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { type Answer, apiForEachTest, json, plainText } from './api-stub.ts';

const api = apiForEachTest();
let kube: Kube;
beforeEach(() => {
  kube = api().connect();
});

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
    api().answers = [
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
    expect(api().asked[0]?.url).toMatch(
      /\?resourceVersion=7&watch=1&allowWatchBookmarks=true&timeoutSeconds=60$/,
    );
  });

  it('a line that is no JSON ends it as a failure', async () => {
    api().answers = [stream('{"type":"ADDED"}\n', 'oops\n', '{"type":"ADDED"}\n')];
    const { ended, events } = await watch();
    expect([ended.ok, events.length]).toEqual([false, 1]);
  });

  it.each([
    ['410 with a Status', json(410, { message: 'too old' }), 410, 'too old'],
    ['429 as text', plainText(429, 'busy'), 429, 'busy'],
    ['null', json(500, null), 500, 'null'],
  ])('that is refused with %s says so', async (_, answer, status, message) => {
    api().answers = [answer];
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
    api().answers = [answer];
    expect((await watch()).ended).toMatchObject({ ok: false, status: 0 });
  });

  it('ends as soon as it is told to, before or in the middle', async () => {
    const stopping = new AbortController();
    api().answers = [(_, response) => response.writeHead(200).write('{"type":"ADDED"}\n')];
    const started = performance.now();
    setTimeout(() => stopping.abort(), 50);
    expect((await watch(stopping.signal)).ended.ok).toBe(false);
    expect((await watch(stopping.signal)).ended.ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(900);
  });

  it('that nobody answers, or without a token, is a failure and no exception', async () => {
    kube = api().connect({ port: 1 });
    expect((await watch()).ended).toMatchObject({ ok: false, status: 0 });
    rmSync(api().tokenFile);
    kube = api().connect();
    expect((await watch()).ended).toMatchObject({ ok: false, status: 0 });
  });

  it('takes no connection from the requests', async () => {
    const most = 20;
    kube = api().connect({ watchMs: 20_000 });
    const stopping = new AbortController();
    api().answers = Array.from(
      { length: most },
      () => (_, response) => void response.writeHead(200).flushHeaders(),
    );
    const watches = api().answers.map(() => watch(stopping.signal));
    await vi.waitUntil(() => api().asked.length === most, { timeout: 15_000 });
    expect(await kube.send({ method: 'GET', path: '/version' })).toEqual({ ok: true, body: {} });
    stopping.abort();
    await Promise.all(watches);
  });
});
