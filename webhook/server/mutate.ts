import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Plan } from '../edges/plan.ts';
import type { SidecarForm } from '../inject/sidecar-container.ts';
import { type Answer, answerReview, refuseReview, writeAnswer } from './answer.ts';
import type { Rejection } from './codes.ts';
import type { Metrics } from './metrics.ts';
import { sendJson, sendRejection } from './respond.ts';
import { type Review, type ReviewReading, readReview } from './review.ts';

/** What the webhook decides by, and where it reports that. */
export interface MutateContext {
  /** The diversion in force; undefined before the first was read. */
  readonly plan: () => Plan | undefined;
  readonly form: () => SidecarForm;
  /** Why the API server cannot use this replica; undefined when it can. */
  readonly notReady: () => string | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Monotonic clock, in milliseconds. */
  readonly monotonicMs: () => number;
}

const OK = 200;
const UNREADY: Rejection = { status: 503, code: 'unready', message: 'no diversion has been read yet' };
const MS_PER_SECOND = 1000;
/** Processor time; the largest review takes less, and the usual one a thousandth. */
const MAX_WORK_MS = 250;
const US_PER_MS = 1000;

/** Answers `POST /mutate`, whose body is the raw bytes of an AdmissionReview; a review with a uid always gets it back. */
export function mutateHandler(context: MutateContext) {
  const { plan, log, metrics, monotonicMs } = context;
  return (request: Request, response: Response): void => {
    const startMs = monotonicMs();
    const isOverBudget = startWork();
    const body: unknown = request.body;
    const reading = readReview(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
    if (reading.kind === 'rejected') {
      const { rejection } = reading;
      metrics.rejected.inc({ code: rejection.code });
      log.warn({ code: rejection.code, status: rejection.status }, rejection.message);
      sendRejection(response, rejection);
      return;
    }
    const { uid, version } = reading.kind === 'review' ? { ...reading.review, version: undefined } : reading;
    const current = plan();
    if (!current) {
      metrics.rejected.inc({ code: UNREADY.code });
      sendRejection(response, { ...UNREADY, uid });
      return;
    }
    const { answer, text } = decide(reading, current, { ...context, isOverBudget });
    sendJson(response, OK, text);
    const elapsedMs = monotonicMs() - startMs;
    metrics.duration.observe(elapsedMs / MS_PER_SECOND);
    metrics.reviews.inc({ outcome: answer.outcome, reason: answer.reason });
    const fields = reading.kind === 'review' ? fieldsOf(reading.review) : { uid, version };
    log.info({ ...fields, ...outcomeOf(answer), duration_ms: Number(elapsedMs.toFixed(2)) }, 'review');
  };
}

/** Whether more was worked since then than is done for one pod; waiting for the processor does not count. */
function startWork(): () => boolean {
  const before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    return user + system > MAX_WORK_MS * US_PER_MS;
  };
}

interface Decided {
  readonly answer: Answer;
  readonly text: string;
}

/** A throw is answered as a refusal: as an error of HTTP it would let the pod pass where failurePolicy is Ignore. */
function decide(
  reading: Exclude<ReviewReading, { kind: 'rejected' }>,
  plan: Plan,
  { form, log, isOverBudget }: MutateContext & { readonly isOverBudget: () => boolean },
): Decided {
  if (reading.kind === 'unreadable') {
    const answer = refuseReview('review-unreadable', reading.detail);
    return { answer, text: writeAnswer(reading.uid, answer, reading.version) };
  }
  const { review } = reading;
  try {
    const answer = answerReview(review, plan, form(), isOverBudget);
    return { answer, text: writeAnswer(review.uid, answer) };
  } catch (error) {
    log.error({ err: error, uid: review.uid }, 'a review failed');
    const answer = refuseReview('decision-failed', 'nothing was changed');
    return { answer, text: writeAnswer(review.uid, answer) };
  }
}

/** What the one line of each review says of it: no body, no value of the pod. */
function fieldsOf(review: Review): Record<string, unknown> {
  return {
    uid: review.uid,
    namespace: review.namespace,
    pod: review.name,
    operation: review.operation,
    kind: review.kind,
    dry_run: review.dryRun,
  };
}

function outcomeOf(answer: Answer): Record<string, unknown> {
  return {
    allowed: answer.allowed,
    outcome: answer.outcome,
    reason: answer.reason,
    workload: answer.workload,
    detail: answer.detail,
    operations: answer.patch.length,
  };
}
