import type { Answer } from '../live-request.ts';
import type { MeshRequest } from './mesh-run.ts';

const HOST = 'test.wikipedia.org';

/** Plain ports by which pods call the internal API: with a name of its own, and as if it were the wiki itself. */
export const API_PORTS = [4680, 80];

/** Every spelling of the diverted host. */
const SPELLINGS = [HOST, 'TEST.wikipedia.org', 'Test.Wikipedia.Org'].flatMap((host) =>
  ['', '.', ':', ':80', ':4680', ':65535', '.:', '.:4680'].map((tail) => `${host}${tail}`),
);

/** Names that only look like it, other wikis, and hosts that the mesh does not know or knows as something else. */
const OTHERS = [
  `${HOST}..`,
  `.${HOST}`,
  `x${HOST}`,
  `x.${HOST}`,
  `${HOST}.evil.example`,
  `${HOST}:80:80`,
  `${HOST}:http`,
  'test.wikipedia.or',
  'testxwikipedia.org',
  'test.wikipediaxorg',
  'test-wikipedia.org',
  'test.wiktionary.org',
  'wikipedia.org',
  'en.wikipedia.org',
  'EN.wikipedia.org:4680',
  'en.wikipedia.org.',
  'en.wiktionary.org',
  'example.org',
  'localhost',
  'mw-api-int-ro.discovery.wmnet',
  'rest-gateway.discovery.wmnet',
  'te\u017ft.wikipedia.org',
  'test.wi\u212Aipedia.org',
];

function request(port: number, host: string, more: Partial<MeshRequest> = {}): MeshRequest {
  return { port, target: '/w/api.php?action=query&titles=A%2FB', headers: [`Host: ${host}`], ...more };
}

/** A request for the diverted host. */
export const DIVERTED = request(4680, HOST);

/** A request for another wiki. */
export const OTHER = request(4680, 'en.wikipedia.org');

export const REQUESTS: readonly MeshRequest[] = [
  ...API_PORTS.flatMap((port) => [...SPELLINGS, ...OTHERS].map((host) => request(port, host))),
  ...API_PORTS.flatMap((port) => [
    request(port, HOST, { method: 'POST', headers: [`Host: ${HOST}`, 'Content-Length: 0'] }),
    request(port, 'en.wikipedia.org', { target: `http://${HOST}/wiki/X` }),
    request(port, HOST, { target: 'http://en.wikipedia.org/wiki/X' }),
    request(port, 'en.wikipedia.org', { headers: ['Host: en.wikipedia.org', `X-Forwarded-Host: ${HOST}`] }),
    request(port, HOST, { headers: [`Host: ${HOST}`, 'X-Forwarded-Host: en.wikipedia.org'] }),
    request(port, HOST, { headers: [`Host: ${HOST}`, 'X-Wikimedia-Debug: backend=k8s-mw-pretrain'] }),
  ]),
  // Neither the gateway's port nor one of production's own is plain.
  ...[4111, 4113, 4446].map((port) => request(port, HOST)),
];

/** The authority that a proxy reads: that of an absolute target wins. */
export function authorityOf({ target, headers }: MeshRequest): string {
  const absolute = /^http:\/\/([^/]+)/.exec(target)?.[1];
  const host = headers.find((line) => line.startsWith('Host: '))?.slice('Host: '.length);
  return absolute ?? host ?? '';
}

/** Headers whose values differ from one request to the next. */
const CHANCE = ['x-request-id', 'date', 'x-envoy-upstream-service-time', 'x-stage-number'];

/** What of an answer must not differ between two configurations. */
export function steady({ status, seen, text, headers = {} }: Answer): object {
  const kept = (given: object): [string, unknown][] =>
    Object.entries(given)
      .filter(([name]) => !CHANCE.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  // A connection is shared by spellings of one name, and keeps that of the first.
  const sni = seen?.sni.toLowerCase();
  return {
    status,
    ...(seen ? { seen: { ...seen, sni, headers: kept(seen.headers) } } : { text }),
    headers: kept(headers),
  };
}
