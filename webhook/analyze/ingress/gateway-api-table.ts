import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { at, nameOf, objectsAt, textAt, textsAt } from '../fields.ts';
import { matchesFully } from '../pattern.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import {
  covers,
  type IngressRequest,
  type IngressTable,
  mostSpecific,
  type Served,
  withoutPort,
} from './table.ts';

interface Listener {
  readonly name: string;
  readonly hostname: string;
  readonly gateway: string;
}

/** The Gateways and HTTPRoutes of a scene; an implementation may take a host's trailing dot for another host. */
export function gatewayApiTable(scene: Scene): IngressTable | undefined {
  const gateways = objectsOf(scene, 'Gateway').filter(
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
      })),
  );
  const routes = objectsOf(scene, 'HTTPRoute');
  return {
    file: first.file,
    cannot: ['host-misses-dot'],
    serve: (request) => {
      const listener = mostSpecific(listeners, ({ hostname }) => hostname, request.sni.toLowerCase());
      return listener ? serveAt(scene, listener, routes, request) : { kind: 'closed', place: first.place };
    },
  };
}

interface Candidate {
  readonly route: ObjectSubject;
  readonly rule: JsonObject;
  readonly index: number;
  readonly match: Json;
}

function serveAt(
  scene: Scene,
  listener: Listener,
  routes: readonly ObjectSubject[],
  request: IngressRequest,
): Served {
  const host = withoutPort(request.authority);
  const attached = routes
    .filter(({ object }) => isAttached(object, listener))
    .flatMap((route) => hostnamesOf(route.object).map((name) => ({ route, name })));
  const chosen = mostSpecific(attached, ({ name }) => name, host);
  if (!chosen || !covers(listener.hostname, host))
    return { kind: 'refused', place: `Gateway ${listener.gateway}` };
  const same = attached.filter(({ name }) => name === chosen.name).map(({ route }) => route);
  const candidates = same.flatMap(candidatesOf).filter(({ match }) => matches(match, request));
  const [best] = candidates.sort((a, b) => compareRank(rank(b.match), rank(a.match)));
  if (!best) return { kind: 'refused', place: chosen.route.place };
  return outcome(scene, best);
}

function isAttached(route: JsonObject, { gateway, name }: Listener): boolean {
  return objectsAt(route, 'spec', 'parentRefs').some((parent) => {
    const section = textAt(parent, 'sectionName');
    return parent['name'] === gateway && (section === undefined || section === name);
  });
}

function hostnamesOf(route: JsonObject): readonly string[] {
  const names = textsAt(route, 'spec', 'hostnames');
  return names.length > 0 ? names : ['*'];
}

function candidatesOf(route: ObjectSubject): Candidate[] {
  return objectsAt(route.object, 'spec', 'rules').flatMap((rule, index) => {
    const conditions = objectsAt(rule, 'matches');
    const any: readonly JsonObject[] = conditions.length > 0 ? conditions : [{}];
    return any.map((match) => ({ route, rule, index, match }));
  });
}

function outcome(scene: Scene, { route, rule, index }: Candidate): Served {
  const place = `${route.place} rules[${index}]`;
  const namespace = nameOf(route.object).namespace ?? scene.plan.edges.ingress?.namespace;
  const services = objectsAt(rule, 'backendRefs')
    .filter((backend) => backend['weight'] !== 0)
    .map((backend) => ({
      address: `${textAt(backend, 'name')}.${textAt(backend, 'namespace') ?? namespace}.svc.cluster.local`,
      port: backend['port'] === undefined ? undefined : Number(backend['port']),
    }));
  return services.length === 0 ? { kind: 'refused', place } : { kind: 'service', place, services };
}

function matches(match: Json, { method, path, headers }: IngressRequest): boolean {
  const [plain = ''] = path.split('?', 1);
  const wanted = textAt(match, 'method');
  return (
    (wanted === undefined || wanted === method) &&
    pathMatches(
      textAt(match, 'path', 'type') ?? 'PathPrefix',
      textAt(match, 'path', 'value') ?? '/',
      plain,
    ) &&
    objectsAt(match, 'headers').every((header) => headerMatches(header, headers))
  );
}

function pathMatches(type: string, value: string, path: string): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return matchesFully(value, path) ?? true;
  const prefix = value.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}

function headerMatches(header: JsonObject, headers: IngressRequest['headers']): boolean {
  const value = headers[String(header['name']).toLowerCase()];
  const wanted = String(header['value']);
  if (value === undefined) return false;
  return header['type'] === 'RegularExpression' ? (matchesFully(wanted, value) ?? true) : value === wanted;
}

/** Exact paths first, then longer ones, then a method, then more headers; the first in the files where all is equal. */
function rank(match: Json): readonly number[] {
  const headers = isObject(match) ? objectsAt(match, 'headers').length : 0;
  return [
    textAt(match, 'path', 'type') === 'Exact' ? 1 : 0,
    textAt(match, 'path', 'value')?.length ?? 0,
    textAt(match, 'method') === undefined ? 0 : 1,
    headers,
  ];
}

function compareRank(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
