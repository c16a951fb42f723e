import type { Decision } from '../../core/decide.ts';
import type { Plan } from '../../core/plan.ts';
import type { DecidedRequest, Place } from '../place.ts';
import { targetClusterName } from './names.ts';

const BEFORE_ORIGINAL = 'directly in front of the original';

/** Where an Envoy decides whose configuration was edited. */
export function divertedEnvoyPlace(plan: Plan, { decision }: DecidedRequest): Place {
  const cluster = clusterFor(plan, decision);
  const rule = cluster
    ? `the route to ${cluster} (or ${cluster}-PROTOCOL, where the original's cluster is not HTTP/1.1), ${BEFORE_ORIGINAL}`
    : `the route ${BEFORE_ORIGINAL}`;
  return { file: 'envoy.yaml, diverted', rule };
}

/** Names the copy of a route that decides, where the upstream is asked by HTTP/1.1. */
export function divertedRoute(plan: Plan, decision: Decision): string {
  const cluster = clusterFor(plan, decision);
  return cluster ? `the route to ${cluster}, ${BEFORE_ORIGINAL}` : `the route ${BEFORE_ORIGINAL}`;
}

function clusterFor(plan: Plan, { to }: Decision): string | undefined {
  const target = plan.targets.find(({ role }) => role === to);
  return target && targetClusterName(plan.diversion, target.role);
}
