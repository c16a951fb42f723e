import type { UpstreamSite } from '../../core/ingress-all.ts';
import type { JsonObject } from '../../core/json.ts';
import { NOBODY } from '../../edges/gateway-api/ingress-all.ts';
import { nameOf, numberAt, objectsAt, textAt } from '../fields.ts';
import { ruleFor } from '../ingress/gateway-api-rules.ts';
import { covers, NameIndex } from '../ingress/name-index.ts';
import { clusterDomain, type IngressRequest, withoutPort } from '../ingress/table.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { isGranted } from './grants.ts';
import { hostRoutes } from './host-routes.ts';
import { gatewaysAt } from './sites.ts';
import type { FrontServed, FrontTable, Part } from './table.ts';

const WHOLE = 100;

/** The Gateway of a production service and its HTTPRoutes as an implementation of the Gateway API serves them. */
export function gatewayApiFrontTable(scene: Scene, site: UpstreamSite): FrontTable | undefined {
  const gateways = gatewaysAt(scene, site).filter(
    ({ object }) => objectsAt(object, 'spec', 'listeners').length > 0,
  );
  const domain = clusterDomain(site.production.address);
  const [first] = gateways;
  if (!first) return undefined;
  const listeners = gateways.flatMap((gateway) =>
    objectsAt(gateway.object, 'spec', 'listeners')
      .filter((listener) => listener['port'] === site.port && listener['tls'] !== undefined)
      .map((listener): Door => {
        const section = textAt(listener, 'name') ?? '';
        return {
          hostname: textAt(listener, 'hostname') ?? '*',
          place: gateway.place,
          domain,
          routesFor: hostRoutes(attachedRoutes(scene, gateway.object, section)),
        };
      }),
  );
  const names = new NameIndex(listeners.map((listener) => [listener.hostname, listener] as const));
  return {
    site,
    file: first.file,
    serve: (request) => {
      const listener = names.find(request.sni.toLowerCase());
      if (!listener) return { kind: 'closed', place: first.place };
      return covers(listener.hostname, withoutPort(request.authority))
        ? serveAt(scene, listener, request)
        : { kind: 'split', place: listener.place, parts: [] };
    },
  };
}

/** A listener, the routes that are attached to it, and the domain of the cluster. */
interface Door {
  readonly hostname: string;
  readonly place: string;
  readonly domain: string;
  readonly routesFor: ReturnType<typeof hostRoutes>;
}

function attachedRoutes(scene: Scene, gateway: JsonObject, section: string): ObjectSubject[] {
  const { name, namespace } = nameOf(gateway);
  return objectsOf(scene, 'HTTPRoute').filter(({ object }) =>
    objectsAt(object, 'spec', 'parentRefs').some(
      (parent) =>
        parent['name'] === name &&
        (textAt(parent, 'namespace') ?? nameOf(object).namespace) === namespace &&
        [undefined, section].includes(textAt(parent, 'sectionName')),
    ),
  );
}

/** Names have no say here, so that the conditions of all attached routes are weighed together. */
function serveAt(scene: Scene, { place, domain, routesFor }: Door, request: IngressRequest): FrontServed {
  const routes = routesFor(request.authority);
  const found = ruleFor(routes, { ...request, headers: { ...request.headers, host: request.authority } });
  if (!found) return { kind: 'split', place, parts: [] };
  const { route, rule, index } = found;
  return {
    kind: 'split',
    place: `${route.place} rules[${index}]`,
    parts: partsOf(scene, domain, { route: route.object, rule }),
  };
}

function partsOf(
  scene: Scene,
  domain: string,
  { route, rule }: { readonly route: JsonObject; readonly rule: JsonObject },
): Part[] {
  const { namespace } = nameOf(route);
  const refs = objectsAt(rule, 'backendRefs');
  const weights = refs.map(({ weight }) => Number(weight ?? 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return refs.flatMap((ref, index): Part[] => {
    const name = textAt(ref, 'name') ?? '';
    if (name === NOBODY || !isGranted(scene, route, ref)) return [];
    return [
      {
        address: `${name}.${textAt(ref, 'namespace') ?? namespace}.svc.${domain}`,
        port: numberAt(ref, 'port'),
        percent: sum === 0 ? 0 : (WHOLE * (weights[index] ?? 0)) / sum,
        authority: writtenAuthority(ref) ?? writtenAuthority(rule),
      },
    ];
  });
}

function writtenAuthority(level: JsonObject): string | undefined {
  return objectsAt(level, 'filters')
    .flatMap((filter) => {
      const set = objectsAt(filter, 'requestHeaderModifier', 'set');
      const host = set.find((header) => String(header['name']).toLowerCase() === 'host');
      return textAt(host, 'value') ?? textAt(filter, 'urlRewrite', 'hostname') ?? [];
    })
    .at(0);
}
