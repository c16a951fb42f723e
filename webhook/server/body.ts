import type { Request, RequestHandler } from 'express';
import { BodyBudget, type Receiving } from './body-budget.ts';

/** The API server refuses objects above 1.5 MiB, and a review holds the object and its old form. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** A tenth of what the process may use; a thousand usual reviews, or the ten largest. */
export const MAX_BODIES_BYTES = 32 * 1024 * 1024;

const STATUS = { badRequest: 400, tooLarge: 413, encoded: 415, overloaded: 503 } as const;

/** A body that was not read to its end, and the status to answer. */
export class BodyError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Leaves the bytes of the body in `request.body`; all bodies that are under way share one budget. */
export function readBody(): RequestHandler {
  const budget = new BodyBudget(MAX_BODIES_BYTES);
  return (request, response, next) => {
    const refused = refusalOf(request);
    if (refused) {
      // What is still on its way is not read.
      response.setHeader('Connection', 'close');
      next(refused);
      return;
    }
    receive(request, budget, (error) => {
      if (error) response.setHeader('Connection', 'close');
      next(error);
    });
  };
}

function refusalOf({ headers }: Request): BodyError | undefined {
  const { 'content-length': length, 'content-encoding': encoding } = headers;
  // An API server compresses nothing, and a small text may stand for an enormous one.
  if (encoding !== undefined)
    return new BodyError(STATUS.encoded, `send the body as it is, not as ${encoding}`);
  return Number(length ?? 0) > MAX_BODY_BYTES ? tooLarge() : undefined;
}

function receive(request: Request, budget: BodyBudget, next: (error?: BodyError) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  const finish = (error?: BodyError): void => {
    if (isOver) return;
    isOver = true;
    budget.release(receiving);
    if (!error) request.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    chunks = [];
    next(error);
  };
  const receiving: Receiving = {
    abandon: () => finish(new BodyError(STATUS.overloaded, 'too many bodies are under way; send it again')),
  };
  request.on('data', (chunk: Buffer) => {
    if (isOver) return;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return finish(tooLarge());
    chunks.push(chunk);
    budget.take(receiving, chunk.length);
  });
  request.once('error', () => finish(new BodyError(STATUS.badRequest, 'request aborted')));
  request.once('end', () => finish());
}

function tooLarge(): BodyError {
  return new BodyError(STATUS.tooLarge, `the body is larger than ${MAX_BODY_BYTES} bytes`);
}
