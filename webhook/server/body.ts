import express, { type RequestHandler } from 'express';

/**
 * Leaves the bytes of the body in `request.body`. A body of declared length within the limit, which is all that an
 * API server sends, is taken as it comes; whatever else is left to Express: compressed, chunked, too large.
 */
export function readBody(longestBytes: number): RequestHandler {
  const readOther = express.raw({ type: () => true, limit: longestBytes });
  return (request, response, next) => {
    const { 'content-length': length, 'content-encoding': encoding } = request.headers;
    if (length === undefined || Number(length) > longestBytes || encoding !== undefined) {
      readOther(request, response, next);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('error', () => next(new AbortedRequest()));
    request.once('end', () => {
      const [first] = chunks;
      request.body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      next();
    });
  };
}

/** What Express says of the same. */
class AbortedRequest extends Error {
  readonly status = 400;
  override readonly message = 'request aborted';
}
