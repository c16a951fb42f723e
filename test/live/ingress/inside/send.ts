import { connect } from 'node:tls';
import type { Seen } from '../../../stage/origins.ts';
import type { IngressAnswer, IngressRequest } from '../requests.ts';

const WITHIN_MS = 30_000;

/** Sends the request byte for byte as it is written, on a connection of its own, and reads the whole answer. */
export function send(address: string, port: number, request: IngressRequest): Promise<IngressAnswer> {
  const { sni, host, path, method = 'GET', headers = {} } = request;
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      ...(sni === undefined ? {} : { servername: sni }),
      rejectUnauthorized: false,
    });
    const chunks: Buffer[] = [];
    const fail = (failure: string): void => {
      socket.destroy();
      resolve({ failure });
    };
    socket.setTimeout(WITHIN_MS, () => fail('no answer in time'));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(read(Buffer.concat(chunks).toString('latin1'))));
    socket.on('secureConnect', () => {
      const lines = [
        `${method} ${path} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: close',
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        ...(method === 'POST' ? ['Content-Length: 0'] : []),
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    });
  });
}

function read(text: string): IngressAnswer {
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) return { failure: 'closed without an answer' };
  const json = /\{.*\}/s.exec(text)?.[0];
  try {
    return json === undefined ? { status } : { status, seen: JSON.parse(json) as Seen };
  } catch {
    return { status };
  }
}
