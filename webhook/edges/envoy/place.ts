import type { Decision } from '../../core/decide.ts';
import type { Plan } from '../../core/plan.ts';
import type { DecidedRequest, Place } from '../place.ts';
import { targetClusterName } from './names.ts';

/** Where an Envoy decides whose configuration was edited. */
export function divertedEnvoyPlace(plan: Plan, { decision }: DecidedRequest): Place {
  return { file: 'envoy.yaml, diverted', rule: divertedRoute(plan, decision) };
}

/** Names the copy of a route that decides. */
export function divertedRoute(plan: Plan, { to }: Decision): string {
  const target = plan.targets.find(({ role }) => role === to);
  return target
    ? `the route to ${targetClusterName(plan.diversion, target.role)}, directly in front of the original`
    : 'the route directly in front of the original';
}
