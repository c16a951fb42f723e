import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Seen } from '../stage/origins.ts';
import type { ConformanceAnswer, ConformanceRequest } from './request.ts';

/** Where an edge listens. */
export interface Door {
  readonly address: string;
  readonly port: number;
  /** Present where it ends TLS; the SNI to ask for, where the form names none. */
  readonly sni?: string;
}

const WITHIN_MS = 20_000;
/** Without a length these are refused by some. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
const AT_ONCE = 16;

/** Makes requests, some at a time, and gives the answers in their order. */
export async function sendAll(
  door: Door,
  requests: readonly ConformanceRequest[],
): Promise<ConformanceAnswer[]> {
  const answers: ConformanceAnswer[] = new Array(requests.length);
  const rest = requests.entries();
  const worker = async (): Promise<void> => {
    for (const [index, request] of rest) answers[index] = await send(door, request);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

/** Makes one request, byte for byte as its form says, on a connection of its own. */
function send(door: Door, request: ConformanceRequest): Promise<ConformanceAnswer> {
  return request.form.protocol === 'http/2' ? overHttp2(door, request) : overHttp1(door, request);
}

function overHttp1(door: Door, request: ConformanceRequest): Promise<ConformanceAnswer> {
  return new Promise((resolve) => {
    const socket = open(doorFor(door, request));
    let received = Buffer.alloc(0);
    const finish = (failure?: string): void => {
      socket.destroy();
      resolve(readAnswer(received, failure));
    };
    socket.setTimeout(WITHIN_MS, () => finish('no answer in time'));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Some wait a second before they close a connection on which they answered by themselves.
      if (isWhole(received.toString('latin1'))) finish();
    });
    socket.on('error', ({ message }) => finish(message));
    socket.on('end', () => finish());
    socket.on(door.sni === undefined ? 'connect' : 'secureConnect', () =>
      socket.write(requestBytes(request, door.sni === undefined ? 'http' : 'https')),
    );
  });
}

function doorFor(door: Door, { form }: ConformanceRequest): Door {
  return door.sni === undefined || form.sni === undefined ? door : { ...door, sni: form.sni };
}

function open({ address, port, sni }: Door): Socket {
  if (sni === undefined) return connect(port, address);
  return connectTls({
    host: address,
    port,
    servername: sni,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
}

function requestBytes({ form, method, path, headers }: ConformanceRequest, scheme: string): Buffer {
  const target = form.authority === undefined ? path : `${scheme}://${form.authority}${path}`;
  const lines = [
    `${method} ${target} ${form.protocol.toUpperCase()}`,
    ...form.hosts.map((value) => `Host: ${value}`),
    ...Object.entries({ ...headers, ...form.headers }).map(([name, value]) => `${name}: ${value}`),
    ...(WITH_BODY.has(method) ? ['Content-Length: 0'] : []),
    'Connection: close',
    '',
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'utf8');
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  if (/^transfer-encoding: chunked/im.test(head)) return body.endsWith('0\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  return length !== undefined && body.length >= Number(length);
}

function readAnswer(received: Buffer, failure?: string): ConformanceAnswer {
  const text = received.toString('utf8');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0);
  const seen = /\{"site".*\}/s.exec(text)?.[0];
  return { status, ...told(seen), ...(status === 0 && failure !== undefined ? { failure } : {}) };
}

function told(body: string | undefined): Partial<ConformanceAnswer> {
  if (body === undefined) return {};
  const { site, sni, authority, path } = JSON.parse(body) as Seen;
  return { site, sni, authority, path };
}

function overHttp2(door: Door, request: ConformanceRequest): Promise<ConformanceAnswer> {
  const { form, method, path, headers } = request;
  const { address, port, sni } = doorFor(door, request);
  return new Promise((resolve) => {
    const scheme = sni === undefined ? 'http' : 'https';
    const session = connectHttp2(`${scheme}://${address}:${port}`, {
      rejectUnauthorized: false,
      ...(sni === undefined ? {} : { servername: sni }),
    });
    const finish = (answer: ConformanceAnswer): void => {
      session.destroy();
      resolve(answer);
    };
    session.setTimeout(WITHIN_MS, () => finish({ status: 0, failure: 'no answer in time' }));
    session.on('error', ({ message }) => finish({ status: 0, failure: message }));
    session.on('connect', () => {
      const pseudo = { ':method': method, ':path': path, ':scheme': scheme };
      const authority = form.authority === undefined ? {} : { ':authority': form.authority };
      const [host] = form.hosts;
      const stream = session.request({
        ...pseudo,
        ...authority,
        ...(host === undefined ? {} : { host }),
        ...headers,
        ...form.headers,
      });
      let status = 0;
      let text = '';
      stream.setEncoding('utf8');
      stream.on('response', (received) => {
        status = Number(received[':status']);
      });
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      stream.on('error', ({ message }) => finish({ status, failure: message }));
      stream.on('end', () => finish({ status, ...told(text.startsWith('{"site"') ? text : undefined) }));
      stream.end();
    });
  });
}
