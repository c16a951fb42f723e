import type { Plan } from '../core/plan.ts';
import { inject } from '../inject/inject.ts';
import { type Operation, patchBetween } from '../inject/patch.ts';
import { POD_REASONS, type PodReason } from '../inject/reasons.ts';
import type { SidecarForm } from '../inject/sidecar-container.ts';
import { REVIEW_VERSION, type Review } from './review.ts';

/** What the webhook makes of a review, before it is written as JSON. */
export interface Answer {
  readonly allowed: boolean;
  readonly outcome: 'injected' | 'skipped' | 'refused';
  readonly reason: PodReason;
  readonly workload?: string;
  readonly detail?: string;
  readonly patch: readonly Operation[];
  readonly warnings: readonly string[];
}

const FORBIDDEN = 403;

/** Decides a review. Only the creation of pods is changed; anything else is allowed with a warning. */
export function answerReview(review: Review, plan: Plan, form: SidecarForm): Answer {
  if (review.kind !== 'Pod' || review.operation !== 'CREATE' || !review.object) {
    const what = `${review.operation || 'an operation'} of ${review.kind || 'an object'}`;
    const warning = `shunt: ${what} is left alone: only the creation of pods is reviewed; narrow the registration`;
    return {
      allowed: true,
      outcome: 'skipped',
      reason: 'not-a-pod-creation',
      patch: [],
      warnings: [warning],
    };
  }
  const outcome = inject(review.object, review.namespace, plan, form);
  switch (outcome.kind) {
    case 'injected':
      return {
        allowed: true,
        outcome: outcome.kind,
        reason: outcome.reason,
        workload: outcome.workload.name,
        patch: patchBetween(review.object, outcome.pod),
        warnings: [],
      };
    case 'skipped':
      return {
        allowed: true,
        outcome: outcome.kind,
        reason: outcome.reason,
        patch: [],
        warnings: [`shunt: not diverted: ${outcome.reason}: ${POD_REASONS[outcome.reason]}`],
      };
    case 'refused':
      return {
        allowed: false,
        outcome: outcome.kind,
        reason: outcome.reason,
        workload: outcome.workload.name,
        detail: outcome.detail,
        patch: [],
        warnings: [],
      };
  }
}

/** The AdmissionReview that goes back to the API server. */
export function writeAnswer(uid: string, answer: Answer): string {
  const response = {
    uid,
    allowed: answer.allowed,
    ...(answer.warnings.length > 0 ? { warnings: answer.warnings } : {}),
    ...(answer.patch.length > 0 ? { patchType: 'JSONPatch', patch: encode(answer.patch) } : {}),
    ...(answer.allowed ? {} : { status: refusal(answer) }),
  };
  return JSON.stringify({ apiVersion: REVIEW_VERSION, kind: 'AdmissionReview', response });
}

function refusal({ reason, detail }: Answer) {
  const why = POD_REASONS[reason];
  const message = `shunt: the pod cannot be diverted and must not run without: ${reason}: ${why} (${detail})`;
  return { status: 'Failure', code: FORBIDDEN, reason: 'Forbidden', message };
}

function encode(patch: readonly Operation[]): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}
