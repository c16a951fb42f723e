import { createServer, type ServerHttp2Stream } from 'node:http2';

const SHOULD_RATE_LIMIT = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';
/** `RateLimitResponse { overall_code }` with a gRPC frame's head around it. */
const OK = Buffer.from([0, 0, 0, 0, 2, 0x08, 1]);
const OVER_LIMIT = Buffer.from([0, 0, 0, 0, 2, 0x08, 2]);

/** Stands for the rate limit service: it refuses whatever holds that word, and takes the rest. */
export async function startRateLimit(address: string, port: number, refused: string): Promise<void> {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const known = headers[':path'] === SHOULD_RATE_LIMIT;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': known ? '0' : '12' }));
      stream.end(Buffer.concat(chunks).includes(refused) ? OVER_LIMIT : OK);
    });
    stream.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
}
