import { formatSeconds } from '../../../core/duration.ts';
import type { Host } from '../../../core/host.ts';
import type { JsonObject } from '../../../core/json.ts';
import { runsJobs } from '../../../core/role.ts';
import { RETRY_HEADERS } from '../../caller-headers.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';
import {
  type IngressBackend,
  type IngressRoute,
  ingressBackends,
  type RoutedSite,
  routedSites,
} from '../sites.ts';

/** Served by Istio 1.18 to 1.31 alike. */
export const API_VERSION = 'networking.istio.io/v1beta1';
export const REFUSED_STATUS = 404;

/** What is known of a Service that speaks TLS. */
interface VerifiedService {
  readonly address: string;
  readonly caFile: string;
  readonly certificateNames: readonly string[];
}

/** The objects of edge 0 for an Istio ingress gateway: per site a Gateway and a VirtualService, per Service how it is verified. */
export function istioIngress(plan: IngressPlan, settings: IngressSettings): JsonObject[] {
  const named = (kind: string, role: string): JsonObject => ({
    apiVersion: API_VERSION,
    kind,
    metadata: { name: objectName(plan, role), namespace: settings.namespace },
  });
  const sites = routedSites(plan, settings);
  return [
    ...ingressBackends(plan, settings).map((backend) => ({
      ...named('DestinationRule', backend.role),
      spec: destinationRule(backend),
    })),
    ...sites.map((site) => ({ ...named('Gateway', site.role), spec: gateway(site, settings) })),
    ...sites.map((site) => ({
      ...named('VirtualService', site.role),
      spec: virtualService(site, objectName(plan, site.role)),
    })),
  ];
}

export function objectName({ diversion }: IngressPlan, role: string): string {
  return `shunt-${diversion}-${role}`;
}

function gateway(site: RoutedSite, { istio, tlsSecret }: IngressSettings): JsonObject {
  return {
    selector: istio.selector,
    servers: [
      {
        port: { number: istio.port, name: 'https', protocol: 'HTTPS' },
        tls: { mode: 'SIMPLE', credentialName: tlsSecret },
        hosts: namesOf(site.hosts),
      },
    ],
  };
}

function virtualService(site: RoutedSite, gatewayName: string): JsonObject {
  return { hosts: namesOf(site.hosts), gateways: [gatewayName], http: site.routes.map(httpRoute) };
}

/** Envoy takes case and a port for the same host by itself, but not a trailing dot. */
export function namesOf(hosts: readonly Host[]): string[] {
  return hosts.flatMap((host) => [host, `${host}.`]);
}

/** Without words on retries, Istio retries twice. */
function httpRoute({ name, match, backend }: IngressRoute): JsonObject {
  const conditions = conditionsOf(match);
  return {
    name,
    ...(Object.keys(conditions).length > 0 ? { match: [conditions] } : {}),
    ...(backend === undefined
      ? { directResponse: { status: REFUSED_STATUS } }
      : {
          route: [{ destination: { host: backend.service.address, port: { number: backend.service.port } } }],
          timeout: formatSeconds(backend.timeout),
          retries: { attempts: backend.retries },
          ...(runsJobs(backend.role) ? { headers: { request: { remove: RETRY_HEADERS } } } : {}),
        }),
  };
}

export function conditionsOf({ request, pathPattern, header }: IngressRoute['match']): JsonObject {
  return {
    ...(request ? { method: { exact: request.method }, uri: { exact: request.path } } : {}),
    ...(pathPattern === undefined ? {} : { uri: { regex: pathPattern } }),
    ...(header ? { headers: { [header.name]: { regex: header.pattern } } } : {}),
  };
}

function destinationRule({ service, caFile }: IngressBackend): JsonObject {
  return verified({ ...service, caFile });
}

/** Without a CA, Istio would not verify the pods at all; without a name, it would take the caller's Host for it. */
export function verified({ address, caFile, certificateNames }: VerifiedService): JsonObject {
  const [sni = address] = certificateNames;
  return {
    host: address,
    trafficPolicy: {
      tls: { mode: 'SIMPLE', caCertificates: caFile, sni, subjectAltNames: certificateNames },
    },
  };
}
