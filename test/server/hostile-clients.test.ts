import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../cli/run.ts';
import { type ServerProcess, serveProcess } from './process.ts';
import { ask, review, send } from './serving.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await serveProcess(temporaryFolder());
  for (let warm = 0; warm < 50; warm++) await ask(server as never, review());
}, 60_000);
afterAll(() => server.stop());

const BODY_BYTES = 2_900_000;
/** A third of what the chart allows is left. */
const MAX_RESIDENT_MB = 320;
/** Far above what was measured, since other tests run meanwhile. */
const MAX_P99_MS = 1000;

/** Everything that the server sends until it closes the connection. */
function closed(socket: net.Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

function connect(): tls.TLSSocket {
  return tls.connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
}

function headOf(length: number): string {
  return `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
}

/** How long reviews take meanwhile, over a connection that is kept and over new ones. */
async function askFor(milliseconds: number): Promise<{ p99: number; peakMb: number }> {
  const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const taken: number[] = [];
  let peakMb = 0;
  const body = JSON.stringify(review());
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(20)) {
    for (const agent of [{ agent: kept }, {}]) {
      const began = performance.now();
      expect((await send(server, { body, ...agent })).status).toBe(200);
      taken.push(performance.now() - began);
    }
    peakMb = Math.max(peakMb, server.residentMb());
  }
  kept.destroy();
  taken.sort((a, b) => a - b);
  return { p99: taken[Math.floor(taken.length * 0.99)] ?? 0, peakMb };
}

describe('while others misuse the port, reviews are answered and memory is bounded', () => {
  it('with 120 bodies that never end', async () => {
    const body = Buffer.alloc(BODY_BYTES, ' ');
    const ends = Array.from({ length: 120 }, () => {
      const socket = connect();
      socket.write(headOf(BODY_BYTES + 1));
      socket.write(body);
      return closed(socket);
    });
    const { p99, peakMb } = await askFor(8000);
    expect(p99).toBeLessThan(MAX_P99_MS);
    expect(peakMb).toBeLessThan(MAX_RESIDENT_MB);
    const answers = await Promise.all(ends);
    expect(answers.filter((text) => /^HTTP\/1\.1 (?:503|408) /.test(text)).length).toBeGreaterThan(100);
  }, 60_000);

  it('with a thousand connections that say nothing', async () => {
    const sockets = Array.from({ length: 1000 }, () => net.connect(server.port, '127.0.0.1'));
    const ends = Promise.all(sockets.map(closed));
    const { p99, peakMb } = await askFor(5000);
    expect(p99).toBeLessThan(MAX_P99_MS);
    expect(peakMb).toBeLessThan(MAX_RESIDENT_MB);
    await ends;
  }, 60_000);

  it('with bodies that come byte by byte', async () => {
    const began = performance.now();
    const sockets = Array.from({ length: 50 }, connect);
    const ends = sockets.map(closed);
    for (const socket of sockets) socket.write(headOf(1000));
    const timer = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write(' ');
    }, 100);
    const { p99 } = await askFor(4000);
    await Promise.all(ends);
    clearInterval(timer);
    expect(p99).toBeLessThan(MAX_P99_MS);
    expect(performance.now() - began).toBeLessThan(12_000);
  }, 60_000);
});

describe('a request that is not finished', () => {
  it.each<[string, string]>([
    ['a line', 'GET /metr'],
    ['some headers', 'GET /metrics HTTP/1.1\r\nHost: x\r\n'],
    ['half a body', 'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx'],
  ])(
    'of %s is closed at the port of the metrics too',
    async (_, text) => {
      const began = performance.now();
      const socket = net.connect(server.metricsPort, '127.0.0.1');
      socket.write(text);
      await closed(socket);
      expect(performance.now() - began).toBeLessThan(9000);
    },
    20_000,
  );

  it('does not keep health from being answered', async () => {
    const sockets = Array.from({ length: 200 }, () => net.connect(server.metricsPort, '127.0.0.1'));
    await Promise.all(sockets.slice(0, 50).map((socket) => once(socket, 'connect')));
    const answer = await fetch(`http://127.0.0.1:${server.metricsPort}/healthz`);
    expect(answer.status).toBe(200);
    for (const socket of sockets) socket.on('error', () => undefined).destroy();
  });
});
