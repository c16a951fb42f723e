import type { Decision } from '../core/decide.ts';
import type { IngressKind } from './ingress/settings.ts';

/** Where an edge decides a request: the file, and the rule in it. */
export interface Place {
  readonly file: string;
  readonly rule: string;
}

/** A request at an edge, and what was decided. */
export interface DecidedRequest {
  readonly upstream?: string;
  readonly authority: string;
  readonly decision: Decision;
  /** At the ingress: the kind of its objects. */
  readonly kind: IngressKind;
}

export const OWN_RULES: Place = { file: '', rule: "the edge's own rules; none of the diversion's matches" };

/** Whether the diversion has no rule for it. A rule whose share left the request out was still evaluated. */
export function isByOwnRules({ to, reason }: Decision): boolean {
  return to === 'production' && reason !== 'outside-share' && reason !== 'diversion-disabled';
}
