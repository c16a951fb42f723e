import type { Host } from './host.ts';
import type { IngressSettings } from './ingress-settings.ts';
import { type IngressBackend, type IngressRoute, roleRoutes } from './ingress-sites.ts';
import type { Plan, PlannedUpstream } from './plan.ts';
import type { ProductionService } from './production-service.ts';
import type { Role } from './role.ts';

/** Where the diversion stands: at the callers of production's services, or at one ingress in front of these. */
export const TOPOLOGIES = ['pods', 'ingress-all'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

/** How one production service is served at the ingress: at a port of its own, whatever SNI and Host are. */
export interface UpstreamSite {
  readonly name: string;
  readonly namespace: string;
  /** The one under which callers know the service; no other site has it. */
  readonly port: number;
  readonly tlsSecret: string;
  readonly target: Role;
  readonly production: Required<ProductionService>;
  readonly groups: readonly HostGroup[];
}

/** Diverted hosts with the same routes; of the first that matches, the share is diverted or refused. */
export interface HostGroup {
  /** Unique within the site. */
  readonly name: string;
  readonly hosts: readonly Host[];
  readonly routes: readonly UpstreamRoute[];
}

export interface UpstreamRoute extends IngressRoute {
  /** What diverted requests are sent as. */
  readonly authority?: Host;
}

/**
 * Workloads as one topology has them: in `ingress-all` pods divert only what does not stand behind the ingress, and those
 * that call nothing else are left alone.
 */
export function workloadsIn<W extends { readonly upstreams: readonly string[] }>(
  topology: Topology,
  workloads: Readonly<Record<string, W>>,
  ingressAll: readonly ProductionService[],
): Record<string, W> {
  if (topology === 'pods') return { ...workloads };
  const served = new Set(ingressAll.flatMap(({ upstreams }) => upstreams));
  const left = Object.entries(workloads).map(([name, workload]): [string, W] => [
    name,
    { ...workload, upstreams: workload.upstreams.filter((upstream) => !served.has(upstream)) },
  ]);
  return Object.fromEntries(left.filter(([, { upstreams }]) => upstreams.length > 0));
}

/** The production service that the upstream of that name stands for behind the ingress, or undefined. */
export function servedAtIngress({ edges }: Plan, upstream: string): ProductionService | undefined {
  return edges.ingressAll.find(({ upstreams }) => upstreams.includes(upstream));
}

/**
 * The sites of topology `ingress-all`. Callers send the wiki as SNI, the service's name, or none, and any wiki as Host:
 * at the ingress's common port these names belong to other gateways, so only a port of its own can serve all of them.
 */
export function upstreamSites(plan: Plan, settings: IngressSettings): UpstreamSite[] {
  return plan.edges.ingressAll.flatMap((service) => {
    const upstream = plan.upstreams.find(({ name }) => service.upstreams.includes(name));
    if (!upstream) return [];
    const { caFile, port, certificateNames, target } = upstream;
    return {
      name: service.name,
      namespace: service.namespace,
      port,
      tlsSecret: service.tlsSecret,
      target: target.role,
      production: { caFile, certificateNames, ...service },
      groups: hostGroups(plan, settings, upstream),
    };
  });
}

/** A host that is sent on as itself has routes of its own; hosts that are all sent on as one name share them. */
function hostGroups(plan: Plan, settings: IngressSettings, { target }: PlannedUpstream): HostGroup[] {
  const routes = [...roleRoutes(plan, settings, target.role), ...otherwise(plan, target.role)];
  const { authority } = target;
  if (authority !== 'preserve')
    return [{ name: 'diverted', hosts: plan.hosts, routes: routes.map(sentAs(() => authority)) }];
  return plan.hosts.map((host) => ({
    name: host,
    hosts: [host],
    routes: routes.map(sentAs(({ role }) => authorityOf(plan, role, host))),
  }));
}

/** What no route of a target with an allow-list takes is refused. */
function otherwise({ targets }: Plan, role: Role): IngressRoute[] {
  const closed = targets.some((target) => target.role === role && target.allow !== undefined);
  return closed ? [{ name: 'refused', match: {} }] : [];
}

function authorityOf({ targets }: Plan, role: Role, host: Host): Host {
  const authority = targets.find((target) => target.role === role)?.authority ?? 'preserve';
  return authority === 'preserve' ? host : authority;
}

function sentAs(authority: (backend: IngressBackend) => Host): (route: IngressRoute) => UpstreamRoute {
  return (route) => (route.backend ? { ...route, authority: authority(route.backend) } : route);
}
