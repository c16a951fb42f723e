import { createServer, type ServerHttp2Stream } from 'node:http2';

/*
 * What an Istio agent does beside a gateway: it serves the files that a DestinationRule names as secrets (SDS over
 * gRPC). Every name is answered with the one bundle of the stage. Messages are protobuf, written by hand, since they
 * have a handful of fields; numbers are those of envoy.service.discovery.v3 and envoy.extensions.transport_sockets.tls.v3.
 */

const SECRET_TYPE = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
const LENGTH_DELIMITED = 2;

export interface SecretServer {
  /** Names that were asked for. */
  readonly asked: ReadonlySet<string>;
  readonly close: () => void;
}

/** Serves the PEM bundle under any name, as a validation context. */
export async function serveSecrets(port: number, bundle: string): Promise<SecretServer> {
  const asked = new Set<string>();
  const server = createServer();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('error', () => undefined);
    answer(stream, asked, bundle);
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return { asked, close: () => server.close() };
}

function answer(stream: ServerHttp2Stream, asked: Set<string>, bundle: string): void {
  let pending = Buffer.alloc(0);
  let served = '';
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5 && pending.length >= 5 + pending.readUInt32BE(1)) {
      const end = 5 + pending.readUInt32BE(1);
      const names = fields(pending.subarray(5, end)).flatMap(({ number, value }) =>
        number === 3 ? [value.toString()] : [],
      );
      pending = pending.subarray(end);
      for (const name of names) asked.add(name);
      // An acknowledgement repeats the names; answering it again would go on for ever.
      if (names.length === 0 || names.join() === served) continue;
      served = names.join();
      stream.write(frame(response(names, bundle)));
    }
  });
}

function response(names: readonly string[], bundle: string): Buffer {
  const resources = names.map((name) =>
    field(2, Buffer.concat([field(1, SECRET_TYPE), field(2, secret(name, bundle))])),
  );
  return Buffer.concat([field(1, '1'), ...resources, field(4, SECRET_TYPE), field(5, '1')]);
}

function secret(name: string, bundle: string): Buffer {
  const trusted = field(1, field(3, bundle));
  return Buffer.concat([field(1, name), field(4, trusted)]);
}

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** The fields of a message that hold bytes; Envoy's requests to a secret server hold no others at this level. */
function fields(message: Buffer): { number: number; value: Buffer }[] {
  const found: { number: number; value: Buffer }[] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = read();
    if ((tag & 7) !== LENGTH_DELIMITED) throw new Error(`field ${tag >> 3} is no bytes`);
    const length = read();
    found.push({ number: tag >> 3, value: message.subarray(at, at + length) });
    at += length;
  }
  return found;
}
