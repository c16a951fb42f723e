import type { Host } from '../../../core/host.ts';
import type { JsonObject } from '../../../core/json.ts';
import { runsJobs } from '../../../core/role.ts';
import type { IngressSite } from '../../../core/sites.ts';
import { RETRY_HEADERS } from '../../caller-headers.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';
import {
  type IngressBackend,
  type IngressRoute,
  ingressBackends,
  type RoutedSite,
  routedSites,
} from '../sites.ts';
import { gatewayDuration } from './duration.ts';

export type GatewayApiSettings = NonNullable<IngressSettings['gatewayApi']>;

export const API_VERSION = 'gateway.networking.k8s.io/v1';
const MAX_HOSTNAMES = 16;

/**
 * The objects of edge 0 for an implementation of the Gateway API: one Gateway, HTTPRoutes for each site, and per Service
 * how it is verified (BackendTLSPolicy, standard since v1.4).
 */
export function gatewayApiIngress(
  plan: IngressPlan,
  settings: IngressSettings,
  own: GatewayApiSettings,
): JsonObject[] {
  const gatewayName = `shunt-${plan.diversion}`;
  const named = (kind: string, name: string): JsonObject => ({
    apiVersion: API_VERSION,
    kind,
    metadata: { name, namespace: settings.namespace },
  });
  const sites = routedSites(plan, settings);
  const routes = sites.flatMap((site) => {
    const parentRefs = listenerNames(site).map((sectionName) => ({ name: gatewayName, sectionName }));
    const rules = site.routes.map(rule);
    return chunks(site.hosts, MAX_HOSTNAMES).map((hostnames) => ({
      ...named('HTTPRoute', routeObjectName(plan, site, hostnames[0])),
      spec: { parentRefs, hostnames, rules },
    }));
  });
  return [
    ...ingressBackends(plan, settings).map((backend) => ({
      ...named('BackendTLSPolicy', `${gatewayName}-${backend.role}`),
      spec: backendTls(backend, own),
    })),
    {
      ...named('Gateway', gatewayName),
      spec: {
        gatewayClassName: own.className,
        listeners: sites.flatMap((site) => listeners(site, settings.tlsSecret, own.port)),
      },
    },
    ...routes,
  ];
}

/** Name of the HTTPRoute that serves a host of a site; each takes a limited number of hosts. */
export function routeObjectName(
  { diversion }: IngressPlan,
  { role, hosts }: IngressSite,
  host: Host | undefined,
): string {
  const index = host === undefined ? 0 : Math.floor(hosts.indexOf(host) / MAX_HOSTNAMES);
  return `shunt-${diversion}-${role}${index > 0 ? `-${index + 1}` : ''}`;
}

/**
 * A listener takes one name or all of them, and has routes of its own. The web gateway is reached by several names as
 * SNI with others as Host, so it takes whatever no other listener names; Host alone decides there.
 */
function listeners(site: RoutedSite, secret: string, port: number): JsonObject[] {
  return listenerNames(site).map((name, index) => ({
    name,
    port,
    protocol: 'HTTPS',
    ...(site.role === 'web' ? {} : { hostname: site.hosts[index] }),
    tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: secret }] },
    allowedRoutes: { namespaces: { from: 'Same' } },
  }));
}

function listenerNames({ role, hosts }: RoutedSite): string[] {
  return role === 'web' ? ['web'] : hosts.map((_, index) => `${role}-${index + 1}`);
}

/** A rule without backends answers 500; that is the only refusal that the API has. */
function rule({ match, backend }: IngressRoute): JsonObject {
  if (backend === undefined) return { matches: [conditions(match)] };
  const { role, service, timeout } = backend;
  const filters = [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: RETRY_HEADERS } }];
  return {
    matches: [conditions(match)],
    ...(runsJobs(role) ? { filters } : {}),
    backendRefs: [{ name: service.name, port: service.port }],
    timeouts: { request: gatewayDuration(timeout) },
  };
}

/**
 * How a prefix ranks against an expression is up to the implementation, but longer expressions come first in all that
 * we know: so every path that is not exact is an expression. Some match only a part unless told, hence the anchors.
 */
export function conditions({ request, pathPattern, header }: IngressRoute['match']): JsonObject {
  const path = request
    ? { type: 'Exact', value: request.path }
    : { type: 'RegularExpression', value: pathPattern === undefined ? '/.*' : anchored(pathPattern) };
  return {
    path,
    ...(request ? { method: request.method } : {}),
    ...(header
      ? { headers: [{ name: header.name, type: 'RegularExpression', value: anchored(header.pattern) }] }
      : {}),
  };
}

export function anchored(pattern: string): string {
  return `^(?:${pattern})$`;
}

function backendTls({ service }: IngressBackend, own: GatewayApiSettings): JsonObject {
  return verified(service, own);
}

export function verified(
  service: { readonly name: string; readonly certificateNames: readonly string[] },
  { caConfigMap }: GatewayApiSettings,
): JsonObject {
  const [hostname, ...others] = service.certificateNames;
  return {
    targetRefs: [{ group: '', kind: 'Service', name: service.name }],
    validation: {
      hostname,
      ...(others.length > 0
        ? { subjectAltNames: service.certificateNames.map((name) => ({ type: 'Hostname', hostname: name })) }
        : {}),
      ...(caConfigMap === undefined
        ? { wellKnownCACertificates: 'System' }
        : { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: caConfigMap }] }),
    },
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
