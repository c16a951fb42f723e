import { formatSeconds } from '../../../core/duration.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { ADMIN, adminCluster } from '../../envoy/admin.ts';
import { targetClusterName } from '../../envoy/names.ts';
import { regexLimitLayer } from '../../envoy/runtime.ts';
import {
  accessLog,
  httpListener,
  router,
  telemetryListener,
  withoutCallerControls,
} from '../../envoy/sidecar-listeners.ts';
import { targetCluster } from '../../envoy/target-cluster.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';
import { type IngressRoute, type RoutedSite, routedSites } from '../sites.ts';

const NAME = 'ingress';
const REFUSED_STATUS = 404;

/**
 * The bootstrap of an Envoy that stands behind a controller of plain Ingress objects and does what those cannot say:
 * it takes plain HTTP at the port, and knows the sites of the ingress by Host.
 */
export function ingressRouter(plan: IngressPlan, settings: IngressSettings, port: number): JsonObject {
  return {
    node: { id: NAME, cluster: `shunt-${plan.diversion}` },
    admin: ADMIN,
    layered_runtime: { layers: [regexLimitLayer(plan.diversion), { name: 'admin', admin_layer: {} }] },
    static_resources: {
      listeners: [telemetryListener(plan.sidecar), routingListener(plan, settings, port)],
      clusters: [adminCluster, ...serviceClusters(plan, settings)],
    },
  };
}

function routingListener(plan: IngressPlan, settings: IngressSettings, port: number): JsonObject {
  return httpListener(NAME, plan.sidecar.telemetryAddress, port, {
    stat_prefix: NAME,
    // The controller in front is the edge: what it says of the caller is passed on as it is.
    skip_xff_append: true,
    server_header_transformation: 'PASS_THROUGH',
    normalize_path: true,
    stream_idle_timeout: '0s',
    early_header_mutation_extensions: [withoutCallerControls],
    access_log: [accessLog],
    http_filters: [router],
    route_config: {
      name: NAME,
      ignore_port_in_host_matching: true,
      virtual_hosts: routedSites(plan, settings).map((site) => virtualHost(plan, site)),
    },
  });
}

/** Domains are matched without regard to case. */
function virtualHost({ diversion }: IngressPlan, { role, hosts, routes }: RoutedSite): Json {
  return {
    name: role,
    domains: hosts.flatMap((host) => [host, `${host}.`]),
    routes: routes.map((route) => routeOf(diversion, route)),
  };
}

function routeOf(diversion: string, { name, match, backend }: IngressRoute): Json {
  if (!backend) return { name, match: matcher(match), direct_response: { status: REFUSED_STATUS } };
  const timeout = formatSeconds(backend.timeout);
  const cluster = targetClusterName(diversion, backend.role);
  return { name, match: matcher(match), route: { cluster, timeout, idle_timeout: timeout } };
}

function matcher({ request, pathPattern, header }: IngressRoute['match']): Json {
  const headers: Json[] = [
    ...(request ? [{ name: ':method', string_match: { exact: request.method } }] : []),
    ...(header ? [{ name: header.name, string_match: { safe_regex: { regex: header.pattern } } }] : []),
  ];
  return { ...pathMatcher(request?.path, pathPattern), ...(headers.length > 0 ? { headers } : {}) };
}

function pathMatcher(exact: string | undefined, pattern: string | undefined): Record<string, Json> {
  if (exact !== undefined) return { path: exact };
  return pattern === undefined ? { prefix: '/' } : { safe_regex: { regex: pattern } };
}

function serviceClusters(plan: IngressPlan, { services, caFile }: IngressSettings): JsonObject[] {
  return plan.targets.flatMap((target) => {
    const service = services[target.role];
    if (!service) return [];
    const { address, port, certificateNames } = service;
    const [sni = address] = certificateNames;
    return [targetCluster(plan.diversion, { ...target, address, port, sni, caFile, certificateNames })];
  });
}
