import type { Target } from '../../core/diversion.ts';
import { findUpstreamAt, type PlannedUpstream } from '../../core/plan.ts';
import type { Role } from '../../core/role.ts';
import type { Plan } from '../../edges/plan.ts';

/** The destination of a request: a declared upstream, the other environment by its gateway or inside it, or elsewhere. */
export type RouteDestination =
  | { readonly kind: 'upstream'; readonly upstream: PlannedUpstream }
  /** Several where targets differ in nothing that could be seen here. */
  | { readonly kind: 'target'; readonly targets: readonly Target[] }
  | { readonly kind: 'service'; readonly role: Role }
  | { readonly kind: 'other' };

export const ELSEWHERE: RouteDestination = { kind: 'other' };

/** Classifies an address and port; the SNI tells targets behind one gateway apart. */
export function classifyAddress(plan: Plan, address: string, port: number, sni?: string): RouteDestination {
  const upstream = findUpstreamAt(plan, address, port);
  if (upstream) return { kind: 'upstream', upstream };
  const name = address.toLowerCase();
  const here = plan.targets.filter((target) => target.address.toLowerCase() === name && target.port === port);
  const named = here.filter((target) => target.sni.toLowerCase() === sni?.toLowerCase());
  if (here.length > 0) return { kind: 'target', targets: named.length > 0 ? named : here };
  const { services = {} } = plan.edges.ingress ?? {};
  const role = plan.targets.find(({ role }) => {
    const service = services[role];
    return service?.address.toLowerCase() === name && service.port === port;
  })?.role;
  return role === undefined ? ELSEWHERE : { kind: 'service', role };
}
