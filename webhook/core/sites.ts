import type { ServedService, Target } from './diversion.ts';
import type { Host } from './host.ts';
import type { Plan } from './plan.ts';
import type { Role } from './role.ts';

/** One gateway at the ingress: the names it answers to, as SNI and as Host alike, and what it does with a request. */
export interface IngressSite {
  /** The role that the gateway is named after. */
  readonly role: Role;
  /** Sorted, canonical. */
  readonly hosts: readonly Host[];
}

/**
 * The gateways that the targets ask for. Targets that keep the diverted host share the web gateway with it; one that
 * rewrites the authority has a gateway of its own, which answers to nothing else.
 */
export function ingressSites(plan: Named): IngressSite[] {
  const shared = plan.targets.filter(isShared).flatMap((target) => namesOf(plan, target));
  const own = plan.targets.filter((target) => !isShared(target));
  const web = { role: 'web' as const, hosts: unique([...plan.hosts, ...shared]) };
  return [...own.map((target) => ({ role: target.role, hosts: unique(namesOf(plan, target)) })), web];
}

/** The role of the site that answers to a host. Does not build the list of sites. */
export function siteRoleOf(plan: Named, host: Host): Role | undefined {
  const named = plan.targets.filter((target) => namesOf(plan, target).includes(host));
  const own = named.find((target) => !isShared(target));
  return own?.role ?? (named.length > 0 || plan.hosts.includes(host) ? 'web' : undefined);
}

/** The production service that the upstream of that name stands for behind the ingress, or undefined. */
export function servedAtIngress<S extends ServedService>(
  { edges }: { readonly edges: { readonly ingressAll: readonly S[] } },
  upstream: string,
): S | undefined {
  return edges.ingressAll.find(({ upstreams }) => upstreams.includes(upstream));
}

type Named = Pick<Plan, 'targets' | 'hosts' | 'edges'>;

function namesOf({ edges }: Named, { role, sni, authority }: Target): Host[] {
  const declared = edges.ingress?.services[role]?.hosts ?? [];
  const names: readonly string[] = [sni, ...(authority === 'preserve' ? [] : [authority]), ...declared];
  return names.map((name) => name.toLowerCase() as Host);
}

/** Whether a target is reached under the diverted host; the web gateway is, in any case. */
function isShared({ role, authority }: Target): boolean {
  return role === 'web' || authority === 'preserve';
}

function unique(hosts: readonly Host[]): Host[] {
  return [...new Set(hosts)].sort();
}
