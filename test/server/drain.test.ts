import { once } from 'node:events';
import https from 'node:https';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { milliseconds } from '../../webhook/core/duration.ts';
import { drainServer } from '../../webhook/server/drain.ts';
import { issue, type Reply, review, type Serving, send, serve } from './serving.ts';

const GRACE = milliseconds(200);
const LONGEST = milliseconds(5000);

let pair: Awaited<ReturnType<typeof issue>>;
let serving: Serving;
beforeAll(async () => {
  pair = await issue();
});
afterEach(() => serving.server.closeAllConnections());

function drain(times: object = {}): Promise<boolean> {
  return drainServer(serving.server, serving.drain, serving.sockets, {
    graceMs: GRACE,
    longestMs: LONGEST,
    ...times,
  });
}

/** A request whose second half is sent later. */
function halfSent(agent: https.Agent): { finish: () => Promise<Reply> } {
  const body = JSON.stringify(review());
  const { port, ca } = serving;
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  const request = https.request({
    host: '127.0.0.1',
    port,
    ca,
    path: '/mutate',
    method: 'POST',
    headers,
    agent,
  });
  request.write(body.slice(0, 10));
  const reply = new Promise<Reply>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '' }),
      );
    });
  });
  return {
    finish: () => {
      request.end(body.slice(10));
      return reply;
    },
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('while draining', () => {
  it('is not ready, is healthy, answers, and asks to close the connection', async () => {
    serving = await serve(pair);
    const agent = new https.Agent({ keepAlive: true });
    const before = await send(serving, { body: JSON.stringify(review()), agent });
    const drained = drain();
    const get = (path: string) => send(serving, { method: 'GET', path, headers: {}, agent });
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: 'draining\n',
      headers: { connection: 'close' },
    });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    const reply = await send(serving, { body: JSON.stringify(review()), agent });
    expect([before.headers['connection'], reply.headers['connection']]).toEqual(['keep-alive', 'close']);
    expect(reply.status).toBe(200);
    expect(await drained).toBe(true);
  });

  it('finishes a request that is in flight, and leaves as soon as it is answered', async () => {
    serving = await serve(pair);
    const agent = new https.Agent({ keepAlive: true });
    const half = halfSent(agent);
    await sleep(50);
    const start = performance.now();
    const drained = drain();
    await sleep(GRACE + 200);
    expect((await half.finish()).status).toBe(200);
    expect(await drained).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
    agent.destroy();
  });

  it('does not wait for a connection that is idle', async () => {
    serving = await serve(pair);
    const agent = new https.Agent({ keepAlive: true });
    await send(serving, { body: JSON.stringify(review()), agent });
    const start = performance.now();
    expect(await drain()).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
    agent.destroy();
  });

  it('gives up on a request that takes too long', async () => {
    serving = await serve(pair);
    const agent = new https.Agent({ keepAlive: true });
    const half = halfSent(agent);
    await sleep(50);
    expect(await drain({ longestMs: milliseconds(200) })).toBe(false);
    await expect(half.finish()).rejects.toThrow();
    agent.destroy();
  });

  it('takes no new connection at the end', async () => {
    serving = await serve(pair);
    await drain();
    await expect(send(serving, { method: 'GET', path: '/healthz', headers: {} })).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });

  it('does not wait for a connection that never began TLS', async () => {
    serving = await serve(pair);
    const socket = connect(serving.port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    expect(await drain({ longestMs: milliseconds(300) })).toBe(false);
    await closed;
    await vi.waitFor(() => expect(serving.sockets.size).toBe(0));
  });
});
