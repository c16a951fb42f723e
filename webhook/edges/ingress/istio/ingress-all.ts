import type { JsonObject } from '../../../core/json.ts';
import { runsJobs } from '../../../core/role.ts';
import { RETRY_HEADERS } from '../../caller-headers.ts';
import type { Weights } from '../../weights.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';
import { type UpstreamRoute, type UpstreamSite, upstreamSites } from '../upstream-sites.ts';
import { API_VERSION, conditionsOf, namesOf, objectName, REFUSED_STATUS, verified } from './ingress.ts';

/**
 * What topology `ingress-all` adds on Istio: per production service a Gateway at its own port, a VirtualService for the
 * diverted hosts (found by name, so their number costs nothing), one for all others, and how the Service is verified.
 */
export function istioIngressAll(
  plan: IngressPlan,
  settings: IngressSettings,
  weights: Weights,
): JsonObject[] {
  return upstreamSites(plan, settings).flatMap((site) => {
    const gatewayName = objectName(plan, site.name);
    const named = (kind: string, name: string, spec: JsonObject): JsonObject => ({
      apiVersion: API_VERSION,
      kind,
      metadata: { name, namespace: site.namespace },
      spec,
    });
    return [
      named('DestinationRule', gatewayName, verified(site.production)),
      named('Gateway', gatewayName, gateway(site, settings)),
      ...site.groups.map((group) =>
        named('VirtualService', `${gatewayName}-${group.name}`, {
          hosts: namesOf(group.hosts),
          gateways: [gatewayName],
          http: group.routes.map((route) => splitRoute(site, route, weights)),
        }),
      ),
      named('VirtualService', gatewayName, {
        hosts: ['*'],
        gateways: [gatewayName],
        http: [{ name: 'production', ...untouched(site), route: [toProduction(site)] }],
      }),
    ];
  });
}

/** Any SNI and any Host, but no routes from other namespaces. */
function gateway({ port, tlsSecret }: UpstreamSite, { istio }: IngressSettings): JsonObject {
  return {
    selector: istio.selector,
    servers: [
      {
        port: { number: port, name: `https-${port}`, protocol: 'HTTPS' },
        tls: { mode: 'SIMPLE', credentialName: tlsSecret },
        hosts: ['./*'],
      },
    ],
  };
}

/** A refusal has a share too: it is a fault that part of the requests to production meets. */
function splitRoute(
  site: UpstreamSite,
  { name, match, backend, authority }: UpstreamRoute,
  weights: Weights,
): JsonObject {
  const conditions = conditionsOf(match);
  const base = {
    name,
    ...(Object.keys(conditions).length > 0 ? { match: [conditions] } : {}),
    ...untouched(site),
  };
  if (!backend)
    return {
      ...base,
      fault: { abort: { percentage: { value: weights.diverted }, httpStatus: REFUSED_STATUS } },
      route: [toProduction(site)],
    };
  const { address, port } = backend.service;
  return {
    ...base,
    route: [
      {
        destination: { host: address, port: { number: port } },
        weight: weights.diverted,
        headers: { request: { set: { ':authority': authority } } },
      },
      { ...toProduction(site), weight: weights.rest },
    ],
  };
}

function toProduction({ production: { address, port } }: UpstreamSite): JsonObject {
  return { destination: { host: address, port: { number: port } } };
}

/** Without words on retries Istio retries twice; without any on time, as here, it leaves that to callers and pods. */
function untouched({ target }: UpstreamSite): JsonObject {
  return {
    retries: { attempts: 0 },
    ...(runsJobs(target) ? { headers: { request: { remove: RETRY_HEADERS } } } : {}),
  };
}
