import { type Agent, request as openRequest } from 'node:http';
import { connect } from 'node:net';
import type { Answer } from '../live/live-request.ts';
import type { Seen } from './origins.ts';

/** A request as it is written on the wire, save for the number by which the stage knows it. */
export interface WireRequest {
  readonly method?: string;
  /** The request target: a path, or an absolute URI. */
  readonly target: string;
  /** Header lines, the Host among them. */
  readonly headers: readonly string[];
}

/** Tells requests apart at the origins. */
export const NUMBER_HEADER = 'x-stage-number';

const LONGEST_MS = 20_000;

/** Sends a request to that port of loopback byte for byte, as no HTTP library would, on a connection of its own. */
export function sendOnWire(port: number, request: WireRequest, number: number): Promise<Answer> {
  const { method = 'GET', target, headers } = request;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers,
    `${NUMBER_HEADER}: ${number}`,
    'Connection: close',
  ];
  const startMs = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    socket.setTimeout(LONGEST_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', (error) => resolve({ status: 0, failure: error.message }));
    socket.once('close', () => {
      const elapsedMs = performance.now() - startMs;
      resolve({ ...readAnswer(Buffer.concat(chunks).toString('latin1')), elapsedMs });
    });
  });
}

/** Sends a request to that port of loopback over the connections that the agent keeps, as a cache in front does. */
export function sendOverKept(
  agent: Agent,
  port: number,
  request: WireRequest,
  number: number,
): Promise<Answer> {
  const { method = 'GET', target, headers } = request;
  const lines = [...headers, `${NUMBER_HEADER}: ${number}`];
  const own = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
  const to = { agent, port, host: '127.0.0.1', path: target, method, headers: own, timeout: LONGEST_MS };
  return new Promise((resolve) => {
    const sent = openRequest(to, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString('latin1');
      const answer = { status: response.statusCode ?? 0, headers: response.headers };
      resolve(body.startsWith('{"site"') ? { ...answer, seen: JSON.parse(body) } : { ...answer, text: body });
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', (error) => resolve({ status: 0, failure: error.message }));
    sent.end();
  });
}

function readAnswer(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = rest.join('\r\n\r\n');
  // Chunked where the origin gave no length; the one chunk of our origins is found by its braces.
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  const answer = { status: Number(statusLine.split(' ')[1] ?? 0), headers };
  return json.startsWith('{"site"')
    ? { ...answer, seen: JSON.parse(json) as Seen }
    : { ...answer, text: body.slice(0, 300) };
}
