import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { readBody } from './body.ts';
import type { Rejection, ServerCode } from './codes.ts';
import type { Drain } from './drain.ts';
import { type MutateContext, mutateHandler } from './mutate.ts';
import { sendRejection } from './respond.ts';

/** The API server refuses objects above 1.5 MiB, and a review holds the object and its old form. */
export const LONGEST_BODY_BYTES = 3 * 1024 * 1024;

const STATUS = {
  notFound: 404,
  method: 405,
  tooLarge: 413,
  contentType: 415,
  internal: 500,
  unready: 503,
} as const;

/** The webhook's routes. */
export function createApp(context: MutateContext, drain: Drain): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // First, since Express tries one after the other.
  app.post('/mutate', requireJson(context), readBody(LONGEST_BODY_BYTES), mutateHandler(context));
  app.all('/mutate', (_request, response) => {
    response.setHeader('Allow', 'POST');
    reject(context, response, rejection(STATUS.method, 'method-not-allowed', 'POST an AdmissionReview'));
  });
  addHealthRoutes(app, context, drain);
  app.use((request, response) => {
    reject(context, response, rejection(STATUS.notFound, 'not-found', `there is nothing at ${request.path}`));
  });
  app.use(errorHandler(context));
  return app;
}

/** What kubelet and Prometheus ask for, without TLS: it must answer before there is a certificate. */
export function createHealthApp(context: MutateContext, drain: Drain): Express {
  const app = express();
  app.disable('x-powered-by');
  addHealthRoutes(app, context, drain);
  return app;
}

function addHealthRoutes(app: Express, { ready, metrics: { registry } }: MutateContext, drain: Drain): void {
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const state = drain.draining ? 'draining' : ready() ? 'ok' : 'not ready';
    if (state !== 'ok') response.status(STATUS.unready);
    response.type('text/plain').send(`${state}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
}

function requireJson(context: MutateContext): RequestHandler {
  return (request, response, next) => {
    const found = request.headers['content-type'] ?? 'none';
    if (/^application\/json\s*(?:;|$)/i.test(found)) {
      next();
      return;
    }
    reject(
      context,
      response,
      rejection(STATUS.contentType, 'content-type', `send application/json, not ${found}`),
    );
  };
}

function reject({ metrics }: MutateContext, response: Response, answer: Rejection): void {
  metrics.rejected.inc({ code: answer.code });
  sendRejection(response, answer);
}

/** What the body parser reports: a status and a type beside the message. */
interface BodyError extends Error {
  readonly status?: number;
  readonly type?: string;
}

function errorHandler({ log, metrics }: MutateContext): ErrorRequestHandler {
  return (error: BodyError, _request, response, next) => {
    const answer = describeError(error);
    metrics.rejected.inc({ code: answer.code });
    if (answer.code === 'internal') log.error({ err: error }, 'a review failed');
    else log.warn({ code: answer.code, status: answer.status }, answer.message);
    if (response.headersSent) next(error);
    else sendRejection(response, answer);
  };
}

function describeError({ status, type, message }: BodyError): Rejection {
  if (type === 'entity.too.large') {
    return rejection(STATUS.tooLarge, 'too-large', `the body is larger than ${LONGEST_BODY_BYTES} bytes`);
  }
  if (status !== undefined && status < STATUS.internal) return rejection(status, 'bad-request', message);
  return rejection(STATUS.internal, 'internal', 'the review failed; the log of the webhook has the details');
}

function rejection(status: number, code: ServerCode, message: string): Rejection {
  return { status, code, message };
}
