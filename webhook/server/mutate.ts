import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Plan } from '../core/plan.ts';
import type { SidecarForm } from '../inject/sidecar-container.ts';
import { type Answer, answerReview, writeAnswer } from './answer.ts';
import type { Rejection } from './codes.ts';
import type { Metrics } from './metrics.ts';
import { sendJson, sendRejection } from './respond.ts';
import { type Review, readReview } from './review.ts';

/** What the webhook decides by, and where it leaves word of it. */
export interface MutateContext {
  /** The diversion in force; undefined before the first was read. */
  readonly plan: () => Plan | undefined;
  readonly form: () => SidecarForm;
  /** Whether the API server can use this replica. */
  readonly ready: () => boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Monotonic clock, in milliseconds. */
  readonly monotonicMs: () => number;
}

const OK = 200;
const UNREADY: Rejection = { status: 503, code: 'unready', message: 'no diversion has been read yet' };
const MS_PER_SECOND = 1000;

/** Answers `POST /mutate`, whose body is the raw bytes of an AdmissionReview. */
export function mutateHandler({ plan, form, log, metrics, monotonicMs }: MutateContext) {
  return (request: Request, response: Response): void => {
    const startMs = monotonicMs();
    const body: unknown = request.body;
    const reading = readReview(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    if (!reading.ok) {
      metrics.rejected.inc({ code: reading.code });
      log.warn({ code: reading.code, status: reading.status }, reading.message);
      sendRejection(response, reading);
      return;
    }
    const { review } = reading;
    const current = plan();
    if (!current) {
      metrics.rejected.inc({ code: UNREADY.code });
      sendRejection(response, { ...UNREADY, uid: review.uid });
      return;
    }
    const answer = answerReview(review, current, form());
    sendJson(response, OK, writeAnswer(review.uid, answer));
    const elapsedMs = monotonicMs() - startMs;
    metrics.duration.observe(elapsedMs / MS_PER_SECOND);
    metrics.reviews.inc({ outcome: answer.outcome, reason: answer.reason });
    log.info(logFields(review, answer, elapsedMs), 'review');
  };
}

/** The one line of each review: no body, no value of the pod. */
function logFields(review: Review, answer: Answer, elapsedMs: number): Record<string, unknown> {
  return {
    uid: review.uid,
    namespace: review.namespace,
    pod: review.name,
    operation: review.operation,
    kind: review.kind,
    dry_run: review.dryRun,
    allowed: answer.allowed,
    outcome: answer.outcome,
    reason: answer.reason,
    workload: answer.workload,
    detail: answer.detail,
    operations: answer.patch.length,
    duration_ms: Number(elapsedMs.toFixed(2)),
  };
}
