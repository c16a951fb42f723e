import fc from 'fast-check';
import type { Json, JsonObject } from '../../webhook/core/json.ts';
import { field, listField, objectField } from '../../webhook/edges/envoy/fields.ts';
import { findRouteLists } from '../../webhook/edges/envoy/find.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import type { LiveRequest } from './live-request.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];
const LONGEST_SEGMENT = 12;

/** A listener of a configuration, and the routes behind it. */
interface Door {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly routes: readonly Json[];
}

/** Random requests for every route of every listener, with hosts that are diverted, near misses, and others. */
export function randomRequests(config: JsonObject, plan: Plan, count: number, seed: number): LiveRequest[] {
  const host = plan.hosts[0] ?? '';
  const own = plan.edges.restGateway?.names ?? [];
  const doors = doorsOf(config);
  const arbitrary = fc.oneof(...doors.map((door) => requestTo(door, host, hostArbitrary(host, own, door))));
  return fc.sample(arbitrary, { numRuns: count, seed });
}

function doorsOf(config: JsonObject): Door[] {
  const listeners = listField(objectField(config, 'static_resources'), 'listeners');
  return listeners.flatMap((listener): Door[] => {
    const socket = objectField(objectField(listener, 'address'), 'socket_address');
    const routes = findRouteLists(listener as JsonObject).flatMap((list) => list.routes);
    const tls = listField(listener, 'filter_chains').some(
      (chain) => field(chain, 'transport_socket') !== undefined,
    );
    const address = field(socket, 'address') === '::' ? '::1' : '127.0.0.1';
    // What leads to the admin interface answers with counters, which never are the same twice.
    if (routes.length === 0 || /"admin_/.test(JSON.stringify(routes))) return [];
    return [{ address, port: field(socket, 'port_value') as number, tls, routes }];
  });
}

function requestTo(door: Door, host: string, authority: fc.Arbitrary<string>): fc.Arbitrary<LiveRequest> {
  const paths = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...door.routes).chain(pathFor) },
    { weight: 1, arbitrary: fc.webPath() },
  );
  return fc.record({
    address: fc.constant(door.address),
    port: fc.constant(door.port),
    tls: fc.constant(door.tls),
    method: fc.constantFrom(...METHODS),
    path: naming(paths.map(toPath), host),
    authority,
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { 'x-wikimedia-debug': 'backend=x' },
      { cookie: 'a=b' },
    ),
  });
}

/** Now and then a path that names the host, or another, where a path may. */
function naming(paths: fc.Arbitrary<string>, host: string): fc.Arbitrary<string> {
  const [label = ''] = host.split('.');
  const segment = fc.constantFrom(host, host.toUpperCase(), `${host}.`, `x${host}`, 'en.wikipedia.org');
  const name = fc.constantFrom(label, label.toUpperCase(), `${label}2`, 'en');
  const front = fc.constantFrom('/', '///');
  return fc.tuple(paths, segment, name, front, fc.nat(2)).map(([path, domain, wiki, slashes, keep]) => {
    if (keep === 0) return path;
    return path
      .replace(/^\/+[^/?]+\/v1\//, `${slashes}${domain}/v1/`)
      .replace(/^\/+core\/v1\/(\w+)\/\w+\//, `${slashes}core/v1/$1/${wiki}/`);
  });
}

function pathFor(route: Json): fc.Arbitrary<string> {
  const match = objectField(route, 'match') ?? {};
  const regex = field(objectField(match, 'safe_regex'), 'regex');
  const exact = field(match, 'path');
  const prefix = field(match, 'prefix') ?? '/';
  const base =
    typeof regex === 'string'
      ? matching(regex)
      : typeof exact === 'string'
        ? fc.constant(exact)
        : segments.map((rest) => `${String(prefix)}${rest}`);
  const parameters = listField(match, 'query_parameters').map(parameterFor);
  return fc.tuple(base, fc.oneof(fc.constant([]), fc.tuple(...parameters))).map(([path, query]) => {
    return query.length === 0 ? path : `${path}?${query.join('&')}`;
  });
}

const segments = fc
  .array(fc.string({ maxLength: LONGEST_SEGMENT, unit: 'grapheme-ascii' }), { maxLength: 4 })
  .map((parts) => parts.map(encodeURIComponent).join('/'));

/** Texts for an expression of RE2; word boundaries, which the generator does not know, are left to chance. */
function matching(regex: string): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(regex.replaceAll('\\b', '')));
}

function parameterFor(parameter: Json): fc.Arbitrary<string> {
  const name = String(field(parameter, 'name'));
  const match = objectField(parameter, 'string_match');
  const exact = field(match, 'exact');
  const regex = field(objectField(match, 'safe_regex'), 'regex');
  const value =
    typeof exact === 'string'
      ? fc.constant(exact)
      : typeof regex === 'string'
        ? matching(regex).map(encodeURIComponent)
        : fc.constant('');
  return fc
    .oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant('other') })
    .map((v) => `${name}=${v}`);
}

/** Only what may stand in a request line. */
function toPath(raw: string): string {
  const path = encodeURI(raw.toWellFormed()).replaceAll('#', '%23');
  return path.startsWith('/') ? path : `/${path}`;
}

function hostArbitrary(host: string, own: readonly string[], { port }: Door): fc.Arbitrary<string> {
  const parent = host.split('.').slice(1).join('.');
  const meant = [host, host.toUpperCase(), `${host}:${port}`, `${host}.`, `${host}.:${port}`];
  const near = [`x${host}`, `${host}.evil.example`, `${host}..`, parent, `${host}:x`, host.replace('.', 'x')];
  const others = [
    'en.wikipedia.org',
    'www.wikidata.org',
    'localhost:6033',
    'abstract.wikipedia.org',
    'example.org',
  ];
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...meant) },
    { weight: 2, arbitrary: fc.constantFrom(...near) },
    { weight: 3, arbitrary: fc.constantFrom(...others) },
    { weight: 1, arbitrary: fc.constantFrom('localhost:6033', ...own, ...own.map((name) => `${name}:4113`)) },
    { weight: 1, arbitrary: fc.domain() },
  );
}
