import type { Plan } from '../edges/plan.ts';
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
/** A pod may have a thousand containers, and a person reads the message. */
const MAX_DETAIL = 2000;

/** Decides a review. Only the creation of pods is changed; anything else is allowed with a warning. */
export function answerReview(
  review: Review,
  plan: Plan,
  form: SidecarForm,
  isOverBudget: () => boolean = () => false,
): Answer {
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
  if (isOverBudget()) return overBudget('after it was read');
  const outcome = inject(review.object, review.namespace, plan, form);
  switch (outcome.kind) {
    case 'injected':
      if (isOverBudget()) return overBudget('before the patch was made');
      return {
        allowed: true,
        outcome: outcome.kind,
        reason: outcome.reason,
        workload: outcome.workload.name,
        patch: patchBetween(review.object, outcome.pod),
        warnings: outcome.notes.map((note) => `shunt: ${note}`),
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

function overBudget(when: string): Answer {
  return refuseReview('over-budget', `work ended ${when}; make the lists and texts of the pod shorter`);
}

/** The answer to a review that cannot be decided: no pod is created that might have to be diverted. */
export function refuseReview(reason: PodReason, detail: string): Answer {
  return { allowed: false, outcome: 'refused', reason, detail, patch: [], warnings: [] };
}

/** The AdmissionReview that goes back to the API server, which wants the version that it asked in. */
export function writeAnswer(uid: string, answer: Answer, version = REVIEW_VERSION): string {
  const response = {
    uid,
    allowed: answer.allowed,
    ...(answer.warnings.length > 0 ? { warnings: answer.warnings } : {}),
    ...(answer.patch.length > 0 ? { patchType: 'JSONPatch', patch: encode(answer.patch) } : {}),
    ...(answer.allowed ? {} : { status: refusal(answer) }),
  };
  return JSON.stringify({ apiVersion: version, kind: 'AdmissionReview', response });
}

function refusal({ reason, detail = '' }: Answer) {
  const why = POD_REASONS[reason];
  const shown = detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail;
  const message = `shunt: the pod cannot be diverted and must not run without: ${reason}: ${why} (${shown})`;
  return { status: 'Failure', code: FORBIDDEN, reason: 'Forbidden', message };
}

function encode(patch: readonly Operation[]): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}
