import type { Target } from '../../core/diversion.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { runsJobs } from '../../core/role.ts';
import { RETRY_HEADERS } from '../../edges/caller-headers.ts';
import { readMilliseconds } from '../duration.ts';
import { at, listAt, nameOf, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { productionSites } from '../production-gateways.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { destinationsOf, fullName } from './virtual-service.ts';

/** How the routes of VirtualServices send what they take. */
export function examineRoutes(scene: Scene): Coded[] {
  return objectsOf(scene, 'VirtualService').flatMap((subject) =>
    located(subject, 'http', (route, rest) => virtualServiceFlaws(scene, subject.object, route, rest)),
  );
}

function located(
  { file, place, object }: ObjectSubject,
  key: string,
  flawsOf: (route: JsonObject, earlier: readonly JsonObject[]) => readonly Flawed[],
): Coded[] {
  const list = objectsAt(object, 'spec', key);
  return list.flatMap((route, index) =>
    flawsOf(route, list.slice(0, index)).map((flaw) => ({
      file,
      path: `${place} ${key}[${index}]`,
      ...flaw,
    })),
  );
}

function virtualServiceFlaws(
  scene: Scene,
  object: JsonObject,
  route: JsonObject,
  earlier: readonly JsonObject[],
): Flawed[] {
  const target = targetOf(
    scene,
    object,
    destinationsOf(route).map(({ host }) => host),
  );
  const mirrored = MIRRORS.map((name) => route[name]).find((value) => value !== undefined);
  const closed = earlier.findIndex((other) => listAt(other, 'match').length === 0);
  return [
    ...(closed < 0
      ? []
      : [flaw('route-shadowed', { message: `is never reached: http[${closed}] takes everything` })]),
    ...(target && mirrored !== undefined
      ? [flaw('mirrored', { value: mirrored, message: 'sends its requests to a second place as well' })]
      : []),
    ...(target && runsJobs(target.role) ? jobFlaws(target, route) : []),
    ...(target ? authorityFlaws(target, route) : []),
  ];
}

const MIRRORS = ['mirror', 'mirrors'] as const;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether every request that a route takes has a method that starts nothing, such as a health check's. */
function isSafe(methods: readonly (string | undefined)[]): boolean {
  return methods.length > 0 && methods.every((method) => method !== undefined && SAFE_METHODS.has(method));
}

function jobFlaws({ timeout }: Target, route: JsonObject): Flawed[] {
  if (isSafe(objectsAt(route, 'match').map((match) => textAt(match, 'method', 'exact')))) return [];
  const removed = [route, ...objectsAt(route, 'route')].flatMap((level) =>
    textsAt(level, 'headers', 'request', 'remove'),
  );
  const gone = new Set(removed.map((name) => name.toLowerCase()));
  return [
    ...limitFlaws(route['timeout'], timeout),
    ...(at(route, 'retries', 'attempts') === 0
      ? []
      : [
          flaw('job-retries', {
            value: route['retries'],
            message: 'may send a job again; without a word Istio retries twice',
          }),
        ]),
    ...(RETRY_HEADERS.every((name) => gone.has(name))
      ? []
      : [flaw('caller-retries', { value: removed, message: 'lets callers ask for retries of a job' })]),
  ];
}

function limitFlaws(value: Json | undefined, needed: number): Flawed[] {
  const limit = readMilliseconds(value) ?? 0;
  if (limit === 0 || limit >= needed) return [];
  return [
    flaw('job-timeout', {
      value,
      message: `cuts a job after ${limit / 1000} s; it may take ${needed / 1000} s`,
    }),
  ];
}

/** What names the wiki must arrive: only the job runner's own name is worth nothing behind its gateway. */
function authorityFlaws({ role }: Target, route: JsonObject): Flawed[] {
  if (runsJobs(role)) return [];
  const rewritten =
    textAt(route, 'rewrite', 'authority') ?? textAt(route, 'headers', 'request', 'set', ':authority');
  return rewritten === undefined
    ? []
    : [
        flaw('authority-lost', {
          value: rewritten,
          message: 'sends another authority than the diverted host',
        }),
      ];
}

/** The target whose Service inside the other environment is the destination of a route, or that of the production service there. */
function targetOf(scene: Scene, object: JsonObject, hosts: readonly string[]): Target | undefined {
  const { plan } = scene;
  const { services = {}, namespace } = plan.edges.ingress ?? {};
  const names = hosts.map((host) => fullName(host, nameOf(object).namespace ?? namespace));
  const site = productionSites(scene).find(({ production }) => names.includes(production.address));
  return plan.targets.find(
    ({ role }) => role === site?.target || names.includes(services[role]?.address ?? ''),
  );
}
