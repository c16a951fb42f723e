import type { Host } from '../../core/host.ts';
import type { PlannedUpstream } from '../../core/plan.ts';
import type { Role } from '../../core/role.ts';
import type { ProductionService } from './production-service.ts';
import type { IngressPlan, IngressSettings } from './settings.ts';
import { type IngressBackend, type IngressRoute, roleRoutes } from './sites.ts';

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
 * The sites of topology `ingress-all`. Callers send the wiki as SNI, the service's name, or none, and any wiki as Host:
 * at the ingress's common port these names belong to other gateways, so only a port of its own can serve all of them.
 */
export function upstreamSites(plan: IngressPlan, settings: IngressSettings): UpstreamSite[] {
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
function hostGroups(plan: IngressPlan, settings: IngressSettings, { target }: PlannedUpstream): HostGroup[] {
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
function otherwise({ targets }: IngressPlan, role: Role): IngressRoute[] {
  const closed = targets.some((target) => target.role === role && target.allow !== undefined);
  return closed ? [{ name: 'refused', match: {} }] : [];
}

function authorityOf({ targets }: IngressPlan, role: Role, host: Host): Host {
  const authority = targets.find((target) => target.role === role)?.authority ?? 'preserve';
  return authority === 'preserve' ? host : authority;
}

function sentAs(authority: (backend: IngressBackend) => Host): (route: IngressRoute) => UpstreamRoute {
  return (route) => (route.backend ? { ...route, authority: authority(route.backend) } : route);
}
