import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askProxyWithin } from '../../webhook/controller/ask-proxy.ts';
import { isPodAddress } from '../../webhook/controller/proxy-watch.ts';
import { milliseconds } from '../../webhook/core/duration.ts';

const servers: { close: () => unknown; closeAllConnections?: () => void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

const ask = askProxyWithin(milliseconds(300));

async function serving(listener: RequestListener): Promise<{ address: string; port: number }> {
  const server: Server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

describe('a proxy that is asked', () => {
  it('is asked for its two pages, by GET', async () => {
    const seen: string[] = [];
    const proxy = await serving((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end(request.url);
    });
    expect(await ask(proxy)).toEqual({ ok: true, statistics: '/in-force', runtime: '/in-force/runtime' });
    expect(seen).toEqual(['GET /in-force', 'GET /in-force/runtime']);
  });

  it.each<[string, RequestListener, string]>([
    ['another status', (_, response) => response.writeHead(404).end(), '/in-force answers 404'],
    [
      'a redirect, which is not followed',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      '/in-force answers 302',
    ],
    ['a page that is too long', (_, response) => response.end('x'.repeat(70_000)), 'longer than'],
    [
      'a page without end',
      (_, response) => {
        const more = () => response.write('x'.repeat(16_000), () => setImmediate(more));
        more();
      },
      'longer than',
    ],
    ['nothing', () => undefined, 'no answer within 300 ms'],
    [
      'one byte at a time',
      (_, response) => {
        setInterval(() => response.write('x'), 50).unref();
      },
      'no answer within 300 ms',
    ],
    ['a closed connection', (request) => request.socket.destroy(), 'the connection failed (ECONNRESET)'],
  ])('and answers with %s is not understood, and says so', async (_, listener, why) => {
    const answer = await ask(await serving(listener));
    expect(answer).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  it('and does not speak HTTP is not understood', async () => {
    const server = createSocket((socket) => socket.end('220 mail ready\r\n'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await ask({ address: '127.0.0.1', port })).toMatchObject({ ok: false });
  });
});

it.each([
  ['10.214.1.7', true],
  ['192.0.2.9', true],
  ['fd00::7', true],
  ['2001:db8::1', true],
  ['127.0.0.1', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['169.254.169.254', false],
  ['fe80::1', false],
  ['224.0.0.1', false],
  ['0.0.0.0', false],
  ['::', false],
  ['example.org', false],
  ['', false],
])('%s is an address that a pod may have: %s', (address, may) => {
  expect(isPodAddress(address)).toBe(may);
});
