import { type UpstreamSite, upstreamSites } from '../../core/ingress-all.ts';
import { at, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { gatewayApiTable } from '../ingress/gateway-api-table.ts';
import type { IngressTable } from '../ingress/table.ts';
import { istioTable } from '../istio/ingress-table.ts';
import type { ObjectSubject, Scene } from '../scene.ts';
import { callersNames } from './probes.ts';
import { frontSites, gatewaysAt } from './sites.ts';

/** Whom the Gateways in front of production's services trust, and who reaches them. */
export function examineFrontGateways(scene: Scene): Coded[] {
  return [
    ...frontSites(scene).flatMap((site) =>
      gatewaysAt(scene, site).flatMap((gateway) => [
        ...certificateFlaws(site, gateway),
        ...opennessFlaws(gateway),
      ]),
    ),
    ...outsideFlaws(scene),
  ];
}

/** Callers verify the name that they call, so the certificate is the service's own. */
function certificateFlaws(
  { port, tlsSecret, name }: UpstreamSite,
  { file, place, object }: ObjectSubject,
): Coded[] {
  const named = [
    ...objectsAt(object, 'spec', 'servers')
      .filter((server) => at(server, 'port', 'number') === port)
      .map((server) => textAt(server, 'tls', 'credentialName')),
    ...objectsAt(object, 'spec', 'listeners')
      .filter((listener) => listener['port'] === port)
      .flatMap((listener) => objectsAt(listener, 'tls', 'certificateRefs').map((ref) => textAt(ref, 'name'))),
  ];
  const others = named.filter((secret) => secret !== undefined && secret !== tlsSecret);
  const missing = named.length === 0 || named.includes(undefined);
  return [
    ...(missing ? [flaw('gateway-certificate', { file, path: place, message: 'names no certificate' })] : []),
    ...others.map((value) =>
      flaw('gateway-certificate-differs', {
        file,
        path: place,
        value,
        message: `names another certificate than ${tlsSecret}, by which callers of ${name} verify it`,
      }),
    ),
  ];
}

/** Whoever may attach a route to such a Gateway takes the requests of all wikis. */
function opennessFlaws({ file, place, object }: ObjectSubject): Coded[] {
  const hosts = objectsAt(object, 'spec', 'servers').flatMap((server) => textsAt(server, 'hosts'));
  const open = [
    ...hosts.filter((host) => !host.includes('/') || host.startsWith('*/')),
    ...objectsAt(object, 'spec', 'listeners')
      .map((listener) => textAt(listener, 'allowedRoutes', 'namespaces', 'from') ?? 'Same')
      .filter((from) => from !== 'Same'),
  ];
  const message = 'takes routes from other namespaces than that of its service';
  return open.length === 0 ? [] : [flaw('front-open', { file, path: place, value: open, message })];
}

/** Where outside traffic arrives, production's services are asked for by no name. */
function outsideFlaws(scene: Scene): Coded[] {
  const { plan } = scene;
  const sites = plan.edges.ingress ? upstreamSites(plan, plan.edges.ingress) : [];
  const tables = [istioTable(scene), gatewayApiTable(scene)].flatMap((table) => table ?? []);
  return tables.flatMap((table) => sites.flatMap((site) => outsideFlaw(scene, site, table)));
}

function outsideFlaw({ plan }: Scene, site: UpstreamSite, table: IngressTable): Coded[] {
  const { address } = site.production;
  const names = [
    ...new Set([
      ...callersNames(plan, site),
      ...plan.hosts.slice(0, 1),
      ...plan.targets.map(({ sni }) => sni),
    ]),
  ];
  const requests = names.flatMap((sni) =>
    names.map((authority) => ({ sni, authority, method: 'POST', path: '/w/api.php', headers: {} })),
  );
  for (const request of requests) {
    const served = table.serve(request);
    if (served.kind !== 'service' || !served.services.some((service) => service.address === address))
      continue;
    const message = `takes requests to ${site.name} at another port than ${site.port}`;
    return [
      flaw('front-outside', { file: table.file, path: served.place, value: request.authority, message }),
    ];
  }
  return [];
}
