import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '../../webhook/server/body.ts';
import { issue, review, type Serving, send, serve } from './serving.ts';

let serving: Serving;
beforeAll(async () => {
  serving = await serve(await issue());
});
afterAll(() => serving.server.close());

const JSON_TYPE = { 'content-type': 'application/json' };

describe('requests that are no review', () => {
  it.each<[string, object, number, string]>([
    ['another path', { path: '/nothing' }, 404, 'not-found'],
    ['GET', { method: 'GET', headers: {} }, 405, 'method-not-allowed'],
    ['PUT', { method: 'PUT', body: '{}' }, 405, 'method-not-allowed'],
    ['another content type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415, 'content-type'],
    ['no content type', { headers: {}, body: '{}' }, 415, 'content-type'],
    ['neither body nor content type', { headers: {} }, 415, 'content-type'],
    ['a body above the cap', { headers: JSON_TYPE, body: 'x'.repeat(MAX_BODY_BYTES + 1) }, 413, 'too-large'],
    [
      'an unknown encoding',
      { headers: { ...JSON_TYPE, 'content-encoding': 'x' }, body: 'x' },
      415,
      'bad-request',
    ],
    [
      'a body that is not what its encoding says',
      { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: 'x' },
      415,
      'bad-request',
    ],
    ['a path that cannot be decoded', { path: '/%', method: 'GET', headers: {} }, 404, 'not-found'],
  ])('%s', async (_, sent, status, code) => {
    const reply = await send(serving, sent);
    expect([reply.status, JSON.parse(reply.text).error.code]).toEqual([status, code]);
  });

  it('are counted by their code', async () => {
    const count = async (code: string) => {
      const { text } = await send(serving, { method: 'GET', path: '/metrics', headers: {} });
      return Number(new RegExp(`rejected_total\\{code="${code}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
    };
    const before = await count('content-type');
    await send(serving, { headers: { 'content-type': 'text/plain' }, body: 'x' });
    expect(await count('content-type')).toBe(before + 1);
  });

  it('says which method is allowed', async () => {
    expect((await send(serving, { method: 'GET', headers: {} })).headers['allow']).toBe('POST');
  });

  it('takes parameters of the content type', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await send(serving, { headers, body: JSON.stringify(review()) })).status).toBe(200);
  });

  it.each([
    ['an empty body', { ...JSON_TYPE, 'content-length': '0' }],
    ['an empty chunked body', { ...JSON_TYPE, 'transfer-encoding': 'chunked' }],
  ])('complains of %s, not of its type', async (_, headers) => {
    expect(JSON.parse((await send(serving, { headers })).text).error.code).toBe('malformed-json');
  });
});

describe('health', () => {
  it.each(['/healthz', '/readyz'])('%s answers ok', async (path) => {
    expect(await send(serving, { method: 'GET', path, headers: {} })).toMatchObject({
      status: 200,
      text: 'ok\n',
    });
  });
});

describe('TLS', () => {
  it('older than 1.2 is refused', async () => {
    const options = {
      host: '127.0.0.1',
      port: serving.port,
      ca: serving.ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    } as const;
    await expect(
      new Promise((resolve, reject) => {
        tls.connect(options, () => resolve('connected')).once('error', reject);
      }),
    ).rejects.toThrow();
  });

  it('is needed: plain text gets no answer of the app', async () => {
    await expect(fetch(`http://127.0.0.1:${serving.port}/healthz`)).rejects.toThrow();
  });
});

describe('a body that never ends', () => {
  it('does not hold its connection for ever', async () => {
    const start = performance.now();
    const socket = tls.connect({ host: '127.0.0.1', port: serving.port, ca: serving.ca });
    const answer = new Promise<string>((resolve, reject) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.once('error', reject);
      socket.once('close', () => resolve(text));
    });
    socket.write(
      'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - start).toBeLessThan(12_500);
  }, 20_000);
});
