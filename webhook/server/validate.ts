import type { Request, Response } from 'express';
import { isObject } from '../core/json.ts';
import { describeProblems } from '../core/problem.ts';
import { DIVERSION_FILE } from '../edges/pod-paths.ts';
import { parseDiversion } from '../spec/parse.ts';
import type { MutateContext } from './mutate.ts';
import { sendJson, sendRejection } from './respond.ts';
import { REVIEW_VERSION, type Review, readReview } from './review.ts';

const OK = 200;
const INVALID = 422;

/** Whether a ConfigMap may be written with what it holds; a message says why not. */
interface Verdict {
  readonly allowed: boolean;
  readonly message?: string;
}

const ALLOWED: Verdict = { allowed: true };

/** Answers `POST /validate`: a ConfigMap with a diversion is written only when the program could read it. */
export function validateHandler({ log, metrics }: Pick<MutateContext, 'log' | 'metrics'>) {
  return (request: Request, response: Response): void => {
    const body: unknown = request.body;
    const reading = readReview(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    if (reading.kind === 'rejected') {
      metrics.rejected.inc({ code: reading.rejection.code });
      sendRejection(response, reading.rejection);
      return;
    }
    const { uid, version, verdict } =
      reading.kind === 'review'
        ? { uid: reading.review.uid, version: REVIEW_VERSION, verdict: judge(reading.review) }
        : { uid: reading.uid, version: reading.version, verdict: refused(reading.detail) };
    metrics.diversionReviews.inc({ outcome: verdict.allowed ? 'allowed' : 'refused' });
    sendJson(response, OK, write(uid, version, verdict));
    log.info({ uid, ...verdict }, 'review of the diversion');
  };
}

function judge({ kind, operation, content }: Review): Verdict {
  if (kind !== 'ConfigMap' || !['CREATE', 'UPDATE'].includes(operation)) return ALLOWED;
  const data = isObject(content?.['data']) ? content['data'] : {};
  const text = data[DIVERSION_FILE];
  if (typeof text !== 'string') return refused(`its data has no ${DIVERSION_FILE}`);
  const parsed = parseDiversion(text);
  return parsed.ok ? ALLOWED : refused(describeProblems(parsed.problems).join('; '));
}

function refused(why: string): Verdict {
  return { allowed: false, message: `shunt: this diversion cannot be read, so it is not taken: ${why}` };
}

function write(uid: string, version: string, { allowed, message }: Verdict): string {
  const status = { status: 'Failure', code: INVALID, reason: 'Invalid', message };
  const response = { uid, allowed, ...(allowed ? {} : { status }) };
  return JSON.stringify({ apiVersion: version, kind: 'AdmissionReview', response });
}
