import type { JsonObject } from '../../../core/json.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';
import { type RoutedSite, routedSites } from '../sites.ts';
import { type Router, routerName, routerObjects, SERVICE_PORT } from './router-objects.ts';

type PlainSettings = NonNullable<IngressSettings['plain']>;

/**
 * The objects of edge 0 for a controller of plain Ingress objects: an Ingress for each site, which says no more than
 * hosts, paths and certificate, and the Envoy behind them that tells requests apart by header, method and spelling.
 */
export function plainIngress(
  plan: IngressPlan,
  settings: IngressSettings,
  plain: PlainSettings,
  router: Router,
): JsonObject[] {
  return [
    ...routerObjects(plan, settings, router),
    ...routedSites(plan, settings).map((site) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: `shunt-${plan.diversion}-${site.role}`,
        namespace: settings.namespace,
        ...(Object.keys(plain.annotations).length > 0 ? { annotations: plain.annotations } : {}),
      },
      spec: {
        ingressClassName: plain.className,
        tls: [{ hosts: site.hosts, secretName: settings.tlsSecret }],
        rules: site.hosts.map((host) => ({ host, http: { paths: paths(site, routerName(plan)) } })),
      },
    })),
  ];
}

/** Where a site takes certain paths only, the controller need not pass on others. */
function paths({ routes }: RoutedSite, name: string): JsonObject[] {
  const backend = { service: { name, port: { number: SERVICE_PORT } } };
  const exact = routes.map(({ match }) => match.request?.path);
  if (exact.includes(undefined)) return [{ path: '/', pathType: 'Prefix', backend }];
  return [...new Set(exact)].sort().map((path) => ({ path, pathType: 'Exact', backend }));
}
