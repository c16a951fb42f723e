import { rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Kube } from '../../webhook/controller/kube.ts';
import { type Answer, apiForEachTest, json, plainText } from './api-stub.ts';

const api = apiForEachTest();
let kube: Kube;
beforeEach(() => {
  kube = api().connect();
});

const get = () => kube.send({ method: 'GET', path: '/api/v1/pods' });

describe('a request', () => {
  it('says who asks, what, and in what form', async () => {
    api().answers = [json(201, { kind: 'Pod' })];
    const body = { text: 'ä' };
    const query = { fieldManager: 'shunt', force: 'true' };
    const sent = { method: 'PATCH', path: '/api/v1/pods', query, contentType: 'x/y', body } as const;
    expect(await kube.send(sent)).toEqual({ ok: true, body: { kind: 'Pod' } });
    expect(api().asked[0]).toMatchObject({
      method: 'PATCH',
      url: '/api/v1/pods?fieldManager=shunt&force=true',
      headers: { authorization: 'Bearer first', 'content-type': 'x/y', 'content-length': '13' },
    });
  });

  it('goes below the path of the server', async () => {
    kube = api().connect({ below: '/k8s/clusters/c-1/' });
    await get();
    expect(api().asked[0]?.url).toBe('/k8s/clusters/c-1/api/v1/pods');
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
    api().answers = [answer];
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
    api().answers = [answer];
    expect(await get()).toMatchObject({
      ok: false,
      status: 0,
      message: expect.stringContaining('/api/v1/pods'),
    });
    expect(await get()).toMatchObject({ ok: true });
  });

  it('to nobody is a failure, not an exception', async () => {
    kube = api().connect({ port: 1 });
    expect(await get()).toMatchObject({ ok: false, status: 0 });
  });

  it.each([
    ['a Status', json(429, { message: 'too many' })],
    ['plain text', plainText(429, 'Too many requests, please try again later.')],
  ])('that the server is too busy for, as %s, is sent once more', async (_, busy) => {
    api().answers = [busy, json(200, { a: 1 })];
    expect(await get()).toEqual({ ok: true, body: { a: 1 } });
    api().answers = [busy, busy, json(200, {})];
    expect(await get()).toMatchObject({ ok: false, status: 429 });
    expect(api().asked).toHaveLength(4);
  });
});

describe('the token', () => {
  const bearer = () => api().asked.map(({ headers }) => headers.authorization);

  it('is read again after a while', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await get();
    writeFileSync(api().tokenFile, 'second');
    await get();
    api().nowMs += 100_000;
    vi.setSystemTime(Date.now() + 100_000);
    await get();
    vi.useRealTimers();
    expect(bearer()).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  it('that cannot be read is a failure like any other', async () => {
    rmSync(api().tokenFile);
    expect(await get()).toMatchObject({ ok: false, status: 0, message: expect.stringContaining('ENOENT') });
    writeFileSync(api().tokenFile, 'back');
    await get();
    expect(bearer()).toEqual(['Bearer back']);
  });
});
