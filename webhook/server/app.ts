import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { BodyError, readBody } from './body.ts';
import type { Rejection, ServerCode } from './codes.ts';
import type { Drain } from './drain.ts';
import { type MutateContext, mutateHandler } from './mutate.ts';
import { sendRejection } from './respond.ts';
import { validateHandler } from './validate.ts';

const STATUS = {
  notFound: 404,
  method: 405,
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
  app.post('/mutate', requireJson(context), readBody(), mutateHandler(context));
  app.post('/validate', requireJson(context), readBody(), validateHandler(context));
  app.all(['/mutate', '/validate'], (_request, response) => {
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

function addHealthRoutes(
  app: Express,
  { notReady, metrics: { registry } }: MutateContext,
  drain: Drain,
): void {
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const why = notReady();
    const state = drain.draining ? 'draining' : why === undefined ? 'ok' : `not ready: ${why}`;
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

function errorHandler({ log, metrics }: MutateContext): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const answer = describeError(error);
    metrics.rejected.inc({ code: answer.code });
    if (answer.code === 'internal') log.error({ err: error }, 'a review failed');
    else log.warn({ code: answer.code, status: answer.status }, answer.message);
    if (response.headersSent) next(error);
    else sendRejection(response, answer);
  };
}

const BODY_CODES: Readonly<Record<number, ServerCode>> = { 413: 'too-large', 503: 'overloaded' };

function describeError(error: unknown): Rejection {
  if (error instanceof BodyError)
    return rejection(error.status, BODY_CODES[error.status] ?? 'bad-request', error.message);
  return rejection(STATUS.internal, 'internal', 'the request failed; the log of the webhook has the details');
}

function rejection(status: number, code: ServerCode, message: string): Rejection {
  return { status, code, message };
}
