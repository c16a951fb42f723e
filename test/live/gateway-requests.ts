import fc from 'fast-check';
import type { Json, JsonObject } from '../../webhook/core/json.ts';
import { field, listField, objectField } from '../../webhook/edges/envoy/fields.ts';
import type { LiveRequest } from './live-request.ts';

/** What stands for a wiki in the paths of one round: as a domain, and as a language. */
interface Wiki {
  readonly domain: string;
  readonly language: string;
}

const WIKIS: readonly Wiki[] = [
  { domain: 'test.wikipedia.org', language: 'test' },
  { domain: 'TEST.wikipedia.org', language: 'TEST' },
  { domain: 'en.wikipedia.org', language: 'en' },
  { domain: 'xtest.wikipedia.org', language: 'test2' },
];

const HOSTS = [
  'test.wikipedia.org',
  'TEST.wikipedia.org',
  'test.wikipedia.org:443',
  'test.wikipedia.org.',
  'xtest.wikipedia.org',
  'en.wikipedia.org',
  'abstract.wikipedia.org',
  'api.wikimedia.org',
  'rest-gateway.discovery.wmnet',
  'REST-gateway.discovery.wmnet:4113',
  'rest-gateway-ro.discovery.wmnet',
  'localhost:6033',
];

const FRONTS = ['/', '//'];

/** The parts of the gateway's expressions, and a text for each; what they leave is itself. */
const PARTS: readonly (readonly [from: string | RegExp, to: (wiki: Wiki) => string])[] = [
  [/^\^?\/\+?/, () => ''],
  [/\$$/, () => ''],
  [/^\(\[\^\/\]\+\)|^\[\^\/\]\+|^\[\^.\/\]\+\\\.wikipedia\\\.org/, ({ domain }) => domain],
  [/^core\/v1\/\(\\w\+\)\/\(\\w\+\)/, ({ language }) => `core/v1/wikipedia/${language}`],
  [/\(\\w\+\)/, ({ language }) => language],
  [/\\b\(a4\|legal\|letter\)\\b/, () => 'a4'],
  [/\(\[\^\\?\/\]\+\)/g, () => 'Main_Page'],
  [/\(\.[+*]\)/g, () => '12'],
  [/\\\./g, () => '.'],
];

/** Requests for every route of the gateway, for several wikis in its path and under several hosts. */
export function gatewayRequests(routes: readonly Json[]): LiveRequest[] {
  const paths = new Set(routes.flatMap(pathsFor));
  return [...paths].flatMap((path) =>
    HOSTS.map((authority) => ({
      address: '127.0.0.1',
      port: 8087,
      tls: true,
      method: 'GET',
      path,
      authority,
    })),
  );
}

function pathsFor(route: Json): string[] {
  const match = objectField(route, 'match') ?? {};
  const query = listField(match, 'query_parameters').map(parameterFor).join('&');
  const exact = field(match, 'path');
  if (typeof exact === 'string') return [exact];
  const regex = String(field(objectField(match, 'safe_regex'), 'regex'));
  return WIKIS.flatMap((wiki) => pathsOf(regex, wiki)).map((path) => (query ? `${path}?${query}` : path));
}

/** Paths that the expression takes; where the parts do not make one, a random one. */
function pathsOf(regex: string, wiki: Wiki): string[] {
  const pattern = new RegExp(regex);
  const rest = PARTS.reduce((text, [from, to]) => text.replace(from, () => to(wiki)), regex);
  const made = FRONTS.map((front) => front + rest).filter((path) => pattern.test(path));
  if (made.length > 0) return made;
  return fc.sample(fc.stringMatching(pattern), { numRuns: 1, seed: 1 }).map(encodeURI);
}

function parameterFor(parameter: Json): string {
  const match: JsonObject = objectField(parameter, 'string_match') ?? {};
  const exact = field(match, 'exact');
  const isAction = field(parameter, 'name') === 'action';
  return `${field(parameter, 'name')}=${typeof exact === 'string' ? exact : isAction ? 'login' : 'tokens'}`;
}
