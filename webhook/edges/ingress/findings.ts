import type { Problem } from '../../core/problem.ts';
import type { IngressProblemCode } from './codes.ts';
import type { IngressKind, IngressPlan } from './settings.ts';

/** What a kind of ingress cannot do for this diversion, though its objects can be written; none for most. */
export function ingressFindings(kind: IngressKind, plan: IngressPlan): readonly Problem[] {
  return kind === 'ingress' ? misdirected(plan) : [];
}

/**
 * A target is reached under one SNI for all hosts. Plain Ingress has a host for both, and some controllers (Contour)
 * answer 421 where the two differ; others look at Host alone.
 */
function misdirected({ hosts, targets }: IngressPlan): Problem[] {
  const code: IngressProblemCode = 'ingress-sni-differs';
  return targets
    .filter(({ authority }) => authority === 'preserve')
    .filter(({ sni }) => hosts.some((host) => host !== sni.toLowerCase()))
    .map(({ role, sni }) => ({
      code,
      path: `spec.targets.${role}.sni`,
      value: sni,
      message: `differs from the Host that is sent (${hosts.find((host) => host !== sni.toLowerCase())}), which Contour and its like refuse behind plain Ingress`,
      remedy: 'write the diverted host, with a diversion for each host, or choose another kind of ingress',
    }));
}
