import type { JsonObject } from '../../core/json.ts';
import { at, nameOf, objectsAt, textAt, textsAt } from '../fields.ts';
import { commonGateways } from '../front/sites.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { type Candidate, ruleFor } from './gateway-api-rules.ts';
import { covers, NameIndex } from './name-index.ts';
import { clusterDomain, type IngressRequest, type IngressTable, type Served, withoutPort } from './table.ts';

interface Listener {
  readonly name: string;
  readonly hostname: string;
  readonly gateway: string;
  readonly namespace: string | undefined;
}

/** The Gateways and HTTPRoutes of a scene; an implementation may take a host's trailing dot for another host. */
export function gatewayApiTable(scene: Scene): IngressTable | undefined {
  const gateways = commonGateways(scene).filter(
    ({ object }) => objectsAt(object, 'spec', 'listeners').length > 0,
  );
  const [first] = gateways;
  if (!first) return undefined;
  const listeners = gateways.flatMap(({ object }) =>
    objectsAt(object, 'spec', 'listeners')
      .filter((listener) => at(listener, 'tls') !== undefined)
      .map((listener) => ({
        name: textAt(listener, 'name') ?? '',
        hostname: textAt(listener, 'hostname') ?? '*',
        gateway: nameOf(object).name,
        namespace: nameOf(object).namespace,
      })),
  );
  const routes = objectsOf(scene, 'HTTPRoute');
  const names = new NameIndex(
    listeners.map(
      (listener) => [listener.hostname, { listener, routes: attachedTo(listener, routes) }] as const,
    ),
  );
  return {
    file: first.file,
    cannot: ['host-misses-dot'],
    serve: (request) => {
      const door = names.find(request.sni.toLowerCase());
      return door ? serveAt(scene, door, request) : { kind: 'closed', place: first.place };
    },
  };
}

/** A listener with the routes that it takes, by their names. */
interface Door {
  readonly listener: Listener;
  readonly routes: NameIndex<readonly ObjectSubject[]>;
}

function attachedTo(listener: Listener, routes: readonly ObjectSubject[]): Door['routes'] {
  const attached = routes.filter(({ object }) => isAttached(object, listener));
  const named = Map.groupBy(
    attached.flatMap((route) => hostnamesOf(route.object).map((name) => ({ route, name }))),
    ({ name }) => name,
  );
  const same = [...named].map(([name, found]) => [name, found.map(({ route }) => route)] as const);
  return new NameIndex(same);
}

function serveAt(scene: Scene, { listener, routes }: Door, request: IngressRequest): Served {
  const host = withoutPort(request.authority);
  const same = covers(listener.hostname, host) ? routes.find(host) : undefined;
  if (!same) return { kind: 'refused', place: `Gateway ${listener.gateway}` };
  const best = ruleFor(same, request);
  if (!best) return { kind: 'refused', place: same[0]?.place ?? '' };
  return outcome(scene, best);
}

function isAttached(route: JsonObject, { gateway, namespace, name }: Listener): boolean {
  const { namespace: home } = nameOf(route);
  return objectsAt(route, 'spec', 'parentRefs').some((parent) => {
    const section = textAt(parent, 'sectionName');
    const isNamed = parent['name'] === gateway && (textAt(parent, 'namespace') ?? home) === namespace;
    return isNamed && (section === undefined || section === name);
  });
}

function hostnamesOf(route: JsonObject): readonly string[] {
  const names = textsAt(route, 'spec', 'hostnames');
  return names.length > 0 ? names : ['*'];
}

function outcome(scene: Scene, { route, rule, index }: Candidate): Served {
  const place = `${route.place} rules[${index}]`;
  const { edges } = scene.plan;
  const namespace = nameOf(route.object).namespace ?? edges.ingress?.namespace;
  const domain = clusterDomain(Object.values(edges.ingress?.services ?? {})[0]?.address);
  const services = objectsAt(rule, 'backendRefs')
    .filter((backend) => backend['weight'] !== 0)
    .map((backend) => ({
      address: `${textAt(backend, 'name')}.${textAt(backend, 'namespace') ?? namespace}.svc.${domain}`,
      port: backend['port'] === undefined ? undefined : Number(backend['port']),
    }));
  return services.length === 0 ? { kind: 'refused', place } : { kind: 'service', place, services };
}
