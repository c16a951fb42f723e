import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure, createServer } from 'node:tls';
import type { Issued } from '../../webhook/controller/certificates.ts';

/** A message of HTTP/1 as it was on the wire: its first line, its header lines, its body without framing, its trailers. */
export interface RawMessage {
  readonly first: string;
  readonly headers: readonly string[];
  readonly bodyBytes: number;
  readonly trailers: readonly string[];
}

interface Cut {
  readonly message: RawMessage;
  readonly rest: string;
}

const END = '\r\n\r\n';

/** The first message of the text; undefined while it is not there in full. */
export function cutMessage(text: string, ended: boolean): Cut | undefined {
  const head = text.indexOf(END);
  if (head < 0) return undefined;
  const [first = '', ...headers] = text.slice(0, head).split('\r\n');
  const after = text.slice(head + END.length);
  const value = (name: string): string | undefined =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  if (/chunked/i.test(value('transfer-encoding') ?? '')) return cutChunks({ first, headers }, after);
  const isAnswer = first.startsWith('HTTP/');
  const without = /^HTTP\/1\.\d (1\d\d|204|304)/.test(first);
  const declared = value('content-length');
  const length = without ? 0 : declared === undefined ? (isAnswer ? undefined : 0) : Number(declared);
  if (length === undefined) {
    return ended
      ? { message: { first, headers, bodyBytes: after.length, trailers: [] }, rest: '' }
      : undefined;
  }
  if (after.length < length) return undefined;
  return { message: { first, headers, bodyBytes: length, trailers: [] }, rest: after.slice(length) };
}

function cutChunks(head: Pick<RawMessage, 'first' | 'headers'>, text: string): Cut | undefined {
  let [rest, bodyBytes] = [text, 0];
  for (let line = rest.indexOf('\r\n'); line >= 0; line = rest.indexOf('\r\n')) {
    const size = Number.parseInt(rest.slice(0, line), 16);
    rest = rest.slice(line + 2);
    if (size === 0) return cutTrailers({ ...head, bodyBytes }, rest);
    if (rest.length < size + 2) return undefined;
    bodyBytes += size;
    rest = rest.slice(size + 2);
  }
  return undefined;
}

function cutTrailers(message: Omit<RawMessage, 'trailers'>, text: string): Cut | undefined {
  if (text.startsWith('\r\n')) return { message: { ...message, trailers: [] }, rest: text.slice(2) };
  const end = text.indexOf(END);
  if (end < 0) return undefined;
  const trailers = text.slice(0, end).split('\r\n');
  return { message: { ...message, trailers }, rest: text.slice(end + END.length) };
}

/** A server over TLS that answers each request with the bytes that it is told, and keeps what it read. */
export interface RawOrigin {
  answerWith: (answer: string, close: boolean) => void;
  /** The requests since the last call. */
  readonly take: () => RawMessage[];
}

export async function startRawOrigin(place: Place, { cert, key }: Issued): Promise<RawOrigin> {
  let [answer, close] = ['', false];
  let requests: RawMessage[] = [];
  const server = createServer({ cert, key }, (socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let cut = cutMessage(text, false); cut; cut = cutMessage(text, false)) {
        requests.push(cut.message);
        text = cut.rest;
        if (close) socket.end(answer, 'latin1');
        else socket.write(answer, 'latin1');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(place.port, place.address, resolve));
  return {
    answerWith: (bytes, closes) => {
      [answer, close] = [bytes, closes];
    },
    take: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
  };
}

export interface Place {
  readonly address: string;
  readonly port: number;
  /** Over TLS, with this name. */
  readonly sni?: string;
}

/** Sends the bytes and reads answers until one is final, or nothing more comes. */
export function sendRaw(place: Place, request: string, withinMs: number): Promise<RawMessage[]> {
  return new Promise((resolve) => {
    const answers: RawMessage[] = [];
    let text = '';
    const socket: Socket = place.sni
      ? connectSecure({
          host: place.address,
          port: place.port,
          servername: place.sni,
          rejectUnauthorized: false,
        })
      : connectPlain(place.port, place.address);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    const timer = setTimeout(finish, withinMs);
    const read = (ended: boolean): void => {
      for (let cut = cutMessage(text, ended); cut; cut = cutMessage(text, ended)) {
        answers.push(cut.message);
        text = cut.rest;
        if (!/^HTTP\/1\.\d 1(?!01)/.test(cut.message.first)) {
          finish();
          return;
        }
      }
      if (ended) finish();
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      read(false);
    });
    socket.on('error', finish);
    socket.on('close', () => read(true));
    socket.write(request, 'latin1');
  });
}
