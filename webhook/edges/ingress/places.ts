import { hostOf } from '../../core/host.ts';
import { servedAtIngress, siteRoleOf } from '../../core/sites.ts';
import type { DecidedRequest, Place } from '../place.ts';
import { routeObjectName } from './gateway-api/ingress.ts';
import { routerName } from './plain/router-objects.ts';
import type { IngressKind, IngressPlan } from './settings.ts';
import { type IngressRoute, routedSites } from './sites.ts';
import { upstreamSites } from './upstream-sites.ts';

/** Routes of one object, as each kind calls them. The Gateway API gives rules no names, so they are counted. */
interface FoundRoutes {
  readonly object: string;
  readonly routes: readonly IngressRoute[];
  readonly isChosen: (route: IngressRoute) => boolean;
}

/** The rule for a request that arrives at the other environment. */
export function ingressPlace(plan: IngressPlan, { authority, decision, kind }: DecidedRequest): Place {
  const file = `chart/files/ingress/${kind}.yaml`;
  const { ingress } = plan.edges;
  const host = hostOf(authority);
  const role = host && siteRoleOf(plan, host);
  const site = ingress && routedSites(plan, ingress).find((own) => own.role === role);
  if (!ingress || !host || !site) return { file: '', rule: 'spec.edges.ingress is not declared' };
  const { to } = decision;
  const object: Readonly<Record<IngressKind, string>> = {
    istio: `shunt-${plan.diversion}-${site.role}`,
    'gateway-api': routeObjectName(plan, site, host),
    ingress: routerName(plan),
  };
  const isChosen = ({ backend }: IngressRoute): boolean =>
    to === 'refused' ? !backend : backend?.role === to;
  return { file, rule: ruleText(kind, { object: object[kind], routes: site.routes, isChosen }) };
}

/** The rule for a request to a production service behind the ingress. */
export function upstreamPlace(
  plan: IngressPlan,
  { upstream, authority, decision, kind }: DecidedRequest & { readonly upstream: string },
): Place {
  const file = `chart/files/ingress-all/${kind}.yaml`;
  const { ingress } = plan.edges;
  if (kind === 'ingress') return { file: '', rule: 'no plain Ingress serves a production service' };
  const served = servedAtIngress(plan, upstream);
  const site = ingress && upstreamSites(plan, ingress).find(({ name }) => name === served?.name);
  const group = site?.groups.find(({ hosts }) => hosts.some((host) => host === hostOf(authority)));
  if (!site || !group) return { file: '', rule: 'spec.edges.ingressAll is not declared' };
  const { to } = decision;
  const isChosen = ({ backend }: IngressRoute): boolean =>
    to === 'refused' ? !backend : to === 'production' || backend?.role === to;
  const object = `shunt-${plan.diversion}-${site.name}-${group.name}`;
  return { file, rule: ruleText(kind, { object, routes: group.routes, isChosen }) };
}

const OBJECT_KIND: Readonly<Record<IngressKind, string>> = {
  istio: 'VirtualService',
  'gateway-api': 'HTTPRoute',
  ingress: 'ConfigMap',
};

function ruleText(kind: IngressKind, { object, routes, isChosen }: FoundRoutes): string {
  const chosen = routes.flatMap((route, index) =>
    isChosen(route) ? [kind === 'gateway-api' ? String(index + 1) : route.name] : [],
  );
  if (chosen.length === 0) return `no route of ${OBJECT_KIND[kind]} ${object}: refused`;
  const noun = kind === 'gateway-api' ? 'rule' : 'route';
  return `${noun}${chosen.length > 1 ? 's' : ''} ${chosen.join(', ')} of ${OBJECT_KIND[kind]} ${object}`;
}
