import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RawMessage } from '../stage/raw-exchange.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { ENVOY_VERSIONS } from './ask.ts';
import { injectedJobqueue } from './injected.ts';
import type { BothWays, Exchange, SameInput } from './inside/same-as-direct.ts';

/** Another wiki's request, to the service itself and through the sidecar: what docs/limits.md says of the difference. */

const HOST = 'Host: en.wikipedia.org\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `X-Line-${index}: value\r\n`).join('');

function request(headers = '', method = 'GET', target = '/rpc/RunSingleJob.php'): string {
  return `${method} ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
}

function withBody(method: string, body: string, headers = ''): string {
  return `${request(`${headers}Content-Length: ${body.length}\r\n`, method)}${body}`;
}

const answering = (headers: string): string => `HTTP/1.1 200 OK\r\n${headers}Content-Length: 2\r\n\r\nok`;

const SAME: readonly [what: string, exchange: Exchange][] = [
  ['a plain request', { request: request(), answer: OK }],
  ['2,000 header lines', { request: request(lines(2000)), answer: OK }],
  ['2,000 header lines in the answer', { request: request(), answer: answering(lines(2000)) }],
  ['a header of 1 MB', { request: request(`X-Big: ${'b'.repeat(1e6)}\r\n`), answer: OK }],
  [
    'a header of 1 MB in the answer',
    { request: request(), answer: answering(`X-Big: ${'b'.repeat(1e6)}\r\n`) },
  ],
  ['a path of 200 kB', { request: request('', 'GET', `/${'p'.repeat(2e5)}`), answer: OK }],
  ['a path with odd characters', { request: request('', 'GET', '/a%20b//c/../d;x?y=%zz&'), answer: OK }],
  ['the method QUERY', { request: withBody('QUERY', 'abc', 'Content-Type: text/plain\r\n'), answer: OK }],
  ['the method PROPFIND', { request: request('', 'PROPFIND'), answer: OK }],
  ['a method that no standard knows', { request: withBody('FOO-BAR', 'abc'), answer: OK }],
  ['a body of a GET', { request: withBody('GET', 'abc'), answer: OK }],
  [
    'bodies of 5 MB',
    {
      request: withBody('POST', 'z'.repeat(5e6)),
      answer: `HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n${'z'.repeat(5e6)}`,
    },
  ],
  [
    'case of header names',
    { request: request('X-CamelCase: a\r\nx-lower: b\r\n'), answer: answering('X-CaMel: z\r\nx-y: z\r\n') },
  ],
  [
    'underscores in header names',
    { request: request('X_Under: c\r\n'), answer: answering('X_under: q\r\n') },
  ],
  [
    'repeated header lines',
    {
      request: request('X-Dup: 1\r\nX-Dup: 2\r\nCookie: a=1\r\nCookie: b=2\r\n'),
      answer: answering('Set-Cookie: a\r\nSet-Cookie: b\r\n'),
    },
  ],
  [
    'bytes beyond ASCII in a header',
    { request: request('X-U: \xc3\xa9\r\n'), answer: answering('X-U: \xc3\xa9\r\n') },
  ],
  ['an empty header', { request: request('X-Empty:\r\n'), answer: answering('X-Empty:\r\n') }],
  [
    'headers of other proxies',
    {
      request: request(
        'X-Forwarded-For: 1.2.3.4\r\nX-Request-Id: abc\r\nForwarded: for=1\r\nVia: x\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nX-Forwarded-Client-Cert: u\r\nX-Client-IP: 1.2.3.4\r\n',
      ),
      answer: answering('Server: apache\r\nVia: 1.1 a\r\nAge: 3\r\nX-Request-Id: q\r\n'),
    },
  ],
  [
    'a reason phrase',
    { request: request(), answer: 'HTTP/1.1 200 Fine By Me\r\nContent-Length: 2\r\n\r\nok' },
  ],
  [
    'a status that no standard knows',
    { request: request(), answer: 'HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok' },
  ],
  ['204', { request: request(), answer: 'HTTP/1.1 204 No Content\r\n\r\n' }],
  ['304', { request: request(), answer: 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n' }],
  [
    'chunks with trailers',
    {
      request: `${request('Transfer-Encoding: chunked\r\n', 'POST')}3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n`,
      answer: OK,
    },
  ],
  [
    'chunks with trailers in the answer',
    {
      request: request('TE: trailers\r\n'),
      answer:
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-t\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\n\r\n',
    },
  ],
  [
    'an answer that ends with its connection',
    { request: request(), answer: 'HTTP/1.1 200 OK\r\n\r\nokok', close: true },
  ],
  [
    'an answer of HTTP/1.0',
    { request: request(), answer: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', close: true },
  ],
  ['a request of HTTP/1.0', { request: `GET /x HTTP/1.0\r\n${HOST}\r\n`, answer: OK }],
  ['early hints', { request: request(), answer: `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OK}` }],
  [
    'Expect: 100-continue',
    {
      request: withBody('POST', 'abc', 'Expect: 100-continue\r\n'),
      answer: `HTTP/1.1 100 Continue\r\n\r\n${OK}`,
    },
  ],
  [
    'an upgrade that is declined',
    { request: request('Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n'), answer: OK },
  ],
  ['an empty Host', { request: 'GET /x HTTP/1.1\r\nHost: \r\n\r\n', answer: OK }],
  [
    'Host with a port and capitals',
    { request: 'GET /x HTTP/1.1\r\nHost: EN.Wikipedia.org.:4448\r\n\r\n', answer: OK },
  ],
  [
    'the name of the service itself',
    { request: 'GET /x HTTP/1.1\r\nHost: mw-jobrunner.discovery.wmnet:4448\r\n\r\n', answer: OK },
  ],
];

/** What Envoy takes for broken or dangerous, whatever it is told. */
const REFUSED: readonly [what: string, status: number, exchange: Exchange][] = [
  ['a fragment in the path', 400, { request: request('', 'GET', '/a#b'), answer: OK }],
  ['bytes beyond ASCII in the path', 400, { request: request('', 'GET', '/\xc3\xa9'), answer: OK }],
  [
    'both a length and chunks',
    400,
    {
      request: `${request('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', 'POST')}3\r\nabc\r\n0\r\n\r\n`,
      answer: OK,
    },
  ],
  [
    'two lengths',
    400,
    { request: request('Content-Length: 0\r\nContent-Length: 0\r\n', 'POST'), answer: OK },
  ],
  ['two lengths in the answer', 502, { request: request(), answer: answering('Content-Length: 2\r\n') }],
  ['OPTIONS *', 404, { request: request('', 'OPTIONS', '*'), answer: OK }],
];

const OWN_AUTHORITIES = [
  '127.0.0.1:6506',
  'localhost:6506',
  'LOCALHOST:6506',
  '[::1]:6506',
  'x.localhost:6506',
];

/** Of one connection only, or written by each sender as it likes. */
const PER_HOP = /^(?:connection|keep-alive|upgrade|te|trailer|transfer-encoding|date|content-length: 0$)/i;

function meaning({ first, headers, bodyBytes, trailers }: RawMessage) {
  const kept = headers.map((line) => line.replace(/:\s*/, ': ')).filter((line) => !PER_HOP.test(line));
  // The phrase of an informational status is the one thing of it that Envoy does not pass on.
  const start = first.replace(/ ?HTTP\/1\.[01]/, '').replace(/^( 1\d\d) .*/, '$1');
  return { start, headers: kept.sort(), bodyBytes, trailers };
}

/** What a request is given on its way: the declared scheme, and nothing else. */
const withScheme = (message: RawMessage): RawMessage => ({
  ...message,
  headers: [...message.headers, 'x-forwarded-proto: https'],
});

describe.each(ENVOY_VERSIONS)('a request of another wiki through the sidecar, with Envoy %s', (version) => {
  let passed: Map<Exchange, BothWays>;
  const own = OWN_AUTHORITIES.map(
    (host): Exchange => ({ request: `GET /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`, answer: OK }),
  );
  const nameless: Exchange = { request: 'GET /x HTTP/1.0\r\n\r\n', answer: OK };

  beforeAll(async () => {
    const exchanges = [...SAME.map(([, one]) => one), ...REFUSED.map(([, , one]) => one), ...own, nameless];
    const results = await runInSandbox<SameInput, BothWays[]>({
      program: path.join(import.meta.dirname, 'inside/same-as-direct.ts'),
      input: { ...injectedJobqueue(version), exchanges },
      timeoutMs: 240_000,
    });
    passed = new Map(exchanges.map((exchange, index) => [exchange, results[index] as BothWays]));
  });

  it.each(SAME)('arrives and is answered as before: %s', (_what, exchange) => {
    const { direct, sidecar } = passed.get(exchange) as BothWays;
    expect(direct.requests).toHaveLength(1);
    expect(sidecar.requests.map(meaning)).toEqual(direct.requests.map(withScheme).map(meaning));
    expect(sidecar.answers.map(meaning)).toEqual(direct.answers.map(meaning));
  });

  it.each(REFUSED)('is refused, which no setting changes: %s', (_what, status, exchange) => {
    const { sidecar } = passed.get(exchange) as BothWays;
    expect(sidecar.answers.map(({ first }) => first.split(' ')[1])).toEqual([String(status)]);
  });

  it('keeps the name of the service where the caller names no host', () => {
    for (const exchange of [...own, nameless]) {
      const [arrived] = passed.get(exchange)?.sidecar.requests ?? [];
      const headers = arrived?.headers.map((line) => line.toLowerCase());
      expect(headers?.sort()).toEqual([
        'host: mw-jobrunner.discovery.wmnet:4448',
        'x-forwarded-proto: https',
      ]);
    }
  });
});
