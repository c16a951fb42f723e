import fc from 'fast-check';
import type { Plan } from '../../webhook/edges/plan.ts';
import { type HostForm, hostForms, plain } from './forms.ts';
import type { ConformanceRequest } from './request.ts';
import { DEBUG_VALUES, PATHS, rowsFor } from './rows.ts';
import type { Plainly } from './sni-forms.ts';

/** Methods whose answers have a body by which one knows who gave it; PURGE is the CDN's own. */
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PURGE'] as const;

const PAGES = [
  '/wiki/A%2FB?x=%C3%A9&y=1',
  '/w/index.php?title=A',
  '//wiki/X',
  '/a//b',
  '/wiki/X?',
  '/w/../x',
];
const APIS = ['/w/api.php?action=query', '/w/api.phpx', '/w/rest.php/v1/page/X', '/api/rest_v1/page/html/X'];
/** Where the path names a wiki, which counts at the REST gateway. */
const NAMING = [
  '/test.wikipedia.org/v1/page/html/X',
  '/en.wikipedia.org/v1/page/html/X',
  '/core/v1/wikipedia/test/page/X',
];

const RAW_PIECES = [
  ...[
    '/',
    '//',
    '/./',
    '/../',
    '/..;/',
    '\\',
    '%2f',
    '%5c',
    '%2e',
    '%252f',
    '%00',
    '%3f',
    '%',
    '%zz',
    '%c0%af',
    ';x',
    '?',
    '?x=/',
  ],
  ...[
    'rpc',
    'RPC',
    '%72pc',
    'RunSingleJob.php',
    'runsinglejob.php',
    'w',
    'wiki',
    'api.php',
    'test.wikipedia.org',
    'v1',
    'core',
  ],
];

/** Requests as the edge gets them, from diverted forms, look-alikes and others in every combination. */
export function randomRequests(plan: Plan, plainly: Plainly): fc.Arbitrary<ConformanceRequest> {
  const rows = plan.hosts.flatMap((host) => rowsFor(plan, host, plainly));
  return fc.record({
    form: formOf(plan, rows),
    method: fc.oneof({ weight: 2, arbitrary: fc.constant(plainly.method) }, fc.constantFrom(...METHODS)),
    path: pathOf(plainly.path),
    headers: headersOf(plan).map((own) => ({ ...plainly.headers, ...own })),
  });
}

function formOf(plan: Plan, rows: readonly ConformanceRequest[]): fc.Arbitrary<HostForm> {
  const host = fc.constantFrom(...plan.hosts);
  return fc.oneof(
    { weight: 4, arbitrary: host.chain(spelling).map((value) => plain('random', value)) },
    { weight: 3, arbitrary: host.chain(lookAlike).map((value) => plain('random', value)) },
    { weight: 2, arbitrary: fc.domain().map((value) => plain('random', value)) },
    { weight: 3, arbitrary: host.chain((name) => fc.constantFrom(...hostForms(name))) },
    { weight: 1, arbitrary: fc.constantFrom(...ownNames(plan)).map((value) => plain('own name', value)) },
    { weight: 1, arbitrary: fc.constantFrom(...rows.map(({ form }) => form)) },
  );
}

/** Names of the proxies themselves, under which the path may name the wiki. */
function ownNames({ edges, targets }: Plan): string[] {
  return [...(edges.restGateway?.names ?? []), ...targets.map(({ sni }) => sni)];
}

/** The host in random case, with or without a dot and a port. */
function spelling(host: string): fc.Arbitrary<string> {
  const letters = [...host].map((letter) => fc.constantFrom(letter, letter.toUpperCase()));
  const port = fc.oneof(
    fc.constant(''),
    fc.nat({ max: 65_535 }).map((number) => `:${number}`),
  );
  return fc
    .tuple(fc.tuple(...letters), fc.constantFrom('', '.'), port)
    .map(([name, dot, tail]) => `${name.join('')}${dot}${tail}`);
}

/** The host with one letter put in, taken out or changed: mostly another host, sometimes no host at all. */
function lookAlike(host: string): fc.Arbitrary<string> {
  const letter = fc.constantFrom(...'abtxkz019-_.%:/@,;#?*"\\\t\u0131\u212a\u0000'.split(''), '');
  return fc
    .tuple(fc.nat({ max: host.length }), fc.nat({ max: 1 }), letter)
    .map(([at, taken, put]) => `${host.slice(0, at)}${put}${host.slice(at + taken)}`)
    .map((value) => value.trim());
}

/** Paths as no client would write them; an origin of the stage takes no bytes above 0x7f, nor what ends a request line. */
const rawPath = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...RAW_PIECES) },
      { weight: 1, arbitrary: fc.nat(255).map((byte) => `%${byte.toString(16).padStart(2, '0')}`) },
    ),
    { maxLength: 12 },
  )
  .map((pieces) => `/${pieces.join('')}`);

function pathOf(own: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(own) },
    { weight: 2, arbitrary: rawPath },
    { weight: 3, arbitrary: fc.constantFrom(...PAGES, ...APIS, ...NAMING, ...PATHS) },
    { weight: 2, arbitrary: fc.webPath().map((text) => (text.startsWith('/') ? text : `/${text}`)) },
  );
}

function headersOf(plan: Plan): fc.Arbitrary<Readonly<Record<string, string>>> {
  const debug = fc
    .constantFrom(...DEBUG_VALUES)
    .map((value): [string, string] => [plan.edges.debug?.header ?? '', value]);
  const others = fc.constantFrom<[string, string]>(
    ['X-Forwarded-Host', plan.hosts[0] ?? ''],
    ['X-Client-IP', '10.0.0.1'],
    ['Cookie', 'UseDC=master'],
    ['Accept-Language', 'de'],
    ['Accept', 'text/html;q=0.9, */*'],
  );
  const entries = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.uniqueArray(fc.oneof(debug, others), { maxLength: 2, selector: ([name]) => name }),
  );
  return entries.map((list) => Object.fromEntries(list));
}
