import type { Json, JsonObject } from '../../../core/json.ts';
import { runsJobs } from '../../../core/role.ts';
import { authorityPattern } from '../../authority-pattern.ts';
import { RETRY_HEADERS } from '../../caller-headers.ts';
import type { Weights } from '../../weights.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';
import { ingressBackends } from '../sites.ts';
import { type HostGroup, type UpstreamRoute, type UpstreamSite, upstreamSites } from '../upstream-sites.ts';
import { API_VERSION, anchored, conditions, type GatewayApiSettings, verified } from './ingress.ts';

const GROUP = 'gateway.networking.k8s.io';

/** A Service that does not exist: the backend of refused requests. */
export const NOBODY = 'shunt-nobody';

/** What topology `ingress-all` adds by the Gateway API: per production service a Gateway, and routes that know the hosts by header. */
export function gatewayApiIngressAll(
  plan: IngressPlan,
  settings: IngressSettings,
  own: GatewayApiSettings,
  weights: Weights,
): JsonObject[] {
  return upstreamSites(plan, settings).flatMap((site) => {
    const name = `shunt-${plan.diversion}-${site.name}`;
    const object = (kind: string, objectName: string, spec: JsonObject): JsonObject => ({
      apiVersion: API_VERSION,
      kind,
      metadata: { name: objectName, namespace: site.namespace },
      spec,
    });
    const parentRefs = [{ name }];
    const route = (group: HostGroup): JsonObject[] =>
      group.routes.map((each) => rule(site, group, each, refsFor(settings, weights)));
    return [
      object('BackendTLSPolicy', name, verified({ ...site.production, name: site.production.service }, own)),
      object('Gateway', name, { gatewayClassName: own.className, listeners: [listener(site)] }),
      ...site.groups.map((group) =>
        object('HTTPRoute', `${name}-${group.name}`, { parentRefs, rules: route(group) }),
      ),
      object('HTTPRoute', name, { parentRefs, rules: [productionRule(site)] }),
      grant(plan, settings, site),
    ];
  });
}

function listener({ port, tlsSecret }: UpstreamSite): JsonObject {
  return {
    name: 'https',
    port,
    protocol: 'HTTPS',
    tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: tlsSecret }] },
    allowedRoutes: { namespaces: { from: 'Same' } },
  };
}

/** The backends among which a route splits its requests. */
type Refs = (site: UpstreamSite, route: UpstreamRoute) => Json[];

/** A backend that does not exist answers 500 in its proportion; that is the only refusal that the API has. */
function refsFor({ namespace }: IngressSettings, weights: Weights): Refs {
  return ({ production }, { backend, authority }) => [
    backend
      ? {
          name: backend.service.name,
          namespace,
          port: backend.service.port,
          weight: weights.diverted,
          filters: [headers({ set: [{ name: 'Host', value: authority }] })],
        }
      : { name: NOBODY, port: production.port, weight: weights.diverted },
    { name: production.service, port: production.port, weight: weights.rest },
  ];
}

function rule(site: UpstreamSite, { hosts }: HostGroup, route: UpstreamRoute, refs: Refs): JsonObject {
  const { headers: more = [], ...match } = conditions(route.match) as { readonly headers?: readonly Json[] };
  const host = { name: 'Host', type: 'RegularExpression', value: anchored(authorityPattern(hosts)) };
  return {
    matches: [{ ...match, headers: [host, ...more] }],
    ...untouched(site),
    backendRefs: refs(site, route),
  };
}

function productionRule(site: UpstreamSite): JsonObject {
  const { service, port } = site.production;
  return { matches: [conditions({})], ...untouched(site), backendRefs: [{ name: service, port }] };
}

function untouched({ target }: UpstreamSite): JsonObject {
  return {
    ...(runsJobs(target) ? { filters: [headers({ remove: RETRY_HEADERS })] } : {}),
    timeouts: { request: '0s' },
  };
}

function headers(change: JsonObject): JsonObject {
  return { type: 'RequestHeaderModifier', requestHeaderModifier: change };
}

/** Lets the routes of one namespace have Services of the other environment as backends. */
function grant(plan: IngressPlan, settings: IngressSettings, site: UpstreamSite): JsonObject {
  const services = ingressBackends(plan, settings).map(({ service }) => service.name);
  return {
    apiVersion: `${GROUP}/v1beta1`,
    kind: 'ReferenceGrant',
    metadata: { name: `shunt-${plan.diversion}-${site.name}`, namespace: settings.namespace },
    spec: {
      from: [{ group: GROUP, kind: 'HTTPRoute', namespace: site.namespace }],
      to: services.map((name) => ({ group: '', kind: 'Service', name })),
    },
  };
}
