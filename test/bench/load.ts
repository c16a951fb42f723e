/*
 * The client: sends reviews over keep-alive TLS connections, one at a time on each, as fast as they are answered.
 * It speaks HTTP by hand, so that the client is never what is measured.
 */
import { connect, type TLSSocket } from 'node:tls';
import { percentile } from './statistics.ts';

/** What the client is told to do: one burst against one server. */
export interface Burst {
  readonly port: number;
  readonly ca: string;
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly limit: { readonly ms: number } | { readonly requests: number };
}

export interface BurstResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly worstUs: number;
}

export type Reply = { readonly result: BurstResult } | { readonly error: string };

const NS_PER_US = 1000;
const HEAD_END = '\r\n\r\n';
const OK = 'HTTP/1.1 200 ';

const open = new Map<number, TLSSocket[]>();

process.on('message', (burst: Burst) => {
  run(burst).then(
    (result) => process.send?.({ result } satisfies Reply),
    (error: Error) => process.send?.({ error: error.message } satisfies Reply),
  );
});

async function run(burst: Burst): Promise<BurstResult> {
  const sockets = open.get(burst.port) ?? [];
  while (sockets.length < burst.connections) sockets.push(await openSocket(burst));
  open.set(burst.port, sockets);
  const requests = burst.bodies.map(encode);
  const timesUs: number[] = [];
  const start = process.hrtime.bigint();
  const goOn = (): boolean =>
    'ms' in burst.limit
      ? Number(process.hrtime.bigint() - start) < burst.limit.ms * 1e6
      : timesUs.length < burst.limit.requests;
  await Promise.all(
    sockets.slice(0, burst.connections).map(async (socket, offset) => {
      for (let turn = offset; goOn(); turn++) {
        const sent = process.hrtime.bigint();
        await exchange(socket, requests[turn % requests.length] ?? Buffer.alloc(0));
        timesUs.push(Number(process.hrtime.bigint() - sent) / NS_PER_US);
      }
    }),
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const sorted = Float64Array.from(timesUs).sort();
  return {
    requests: sorted.length,
    seconds,
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    worstUs: percentile(sorted, 1),
  };
}

function openSocket({ port, ca }: Burst): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

function encode(body: string): Buffer {
  const head = [
    'POST /mutate?timeout=10s HTTP/1.1',
    'Host: 127.0.0.1',
    'User-Agent: kube-apiserver-admission',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ];
  return Buffer.from(`${head.join('\r\n')}${HEAD_END}${body}`);
}

/** Sends a request, and waits for the last byte of its answer. */
function exchange(socket: TLSSocket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing: number | undefined;
    let head = '';
    const settle = (error?: Error): void => {
      socket.off('data', read).off('close', lost);
      if (error) reject(error);
      else resolve();
    };
    const read = (chunk: Buffer): void => {
      if (missing !== undefined) missing -= chunk.length;
      else {
        head += chunk.toString('latin1');
        missing = missingAfter(head);
      }
      if (missing !== undefined && missing <= 0)
        settle(head.startsWith(OK) ? undefined : new Error(`an answer was ${head.split('\r\n', 1)[0]}`));
    };
    const lost = (): void => settle(new Error('the server closed a connection'));
    socket.on('data', read).on('close', lost);
    socket.write(request);
  });
}

/** How many bytes of the body are still to come; undefined before the head is complete. */
function missingAfter(text: string): number | undefined {
  const end = text.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return end + HEAD_END.length + Number(length ?? 0) - text.length;
}
