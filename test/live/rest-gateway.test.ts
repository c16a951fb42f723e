import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { findRouteLists } from '../../webhook/edges/envoy/find.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { diversionText, withHosts } from '../fixtures/diversions.ts';
import { withFurther } from '../fixtures/further-inputs.ts';
import { gatewayBootstrap } from '../fixtures/gateway/bootstrap.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf } from './ask.ts';
import { gatewayRequests } from './gateway-requests.ts';
import { type Answer, type LiveRequest, OVER_LIMIT_WORD } from './live-request.ts';
import { findFault } from './side-by-side.ts';

const GATEWAYS = withFurther([{ name: 'a REST gateway', text: gatewayBootstrap() }], {
  'the deployed REST gateway': 'envoy/rest-gateway.yaml',
});
/** How many routes there are, and how many of them are diverted for the declared host, and for a thousand. */
const COUNTS: Readonly<Record<string, readonly [all: number, declared: number, thousand: number]>> = {
  'a REST gateway': [131, 39, 41],
  'the deployed REST gateway': [141, 45, 47],
};

const DOMAINS = ['wikisource.org', 'wikipedia.org', 'wiktionary.org'];

const plan = planOf(diversion);
function faultsIn(
  requests: readonly LiveRequest[],
  before: readonly Answer[],
  after: readonly Answer[],
  own = plan,
) {
  return requests.flatMap((request, index) => {
    const both = { request, before: before[index], after: after[index] };
    return findFault(own, 'rest-gateway', both) ?? [];
  });
}

const DOORS = ['test.wikipedia.org', 'localhost:6033', 'en.wikipedia.org'].map(
  (authority): LiveRequest => ({
    address: '127.0.0.1',
    port: 8087,
    tls: true,
    method: 'GET',
    path: '/test.wikipedia.org/v1/page/html/X',
    authority,
  }),
);

describe.each(GATEWAYS)('$name', ({ name, text: config }) => {
  const [allRoutes = 0, forDeclared = 0, forThousand = 0] = COUNTS[name] ?? [];
  const lists = findRouteLists(parse(config) as JsonObject);
  const routes = lists.map((list) => list.routes).find(({ length }) => length > 100) ?? [];

  function diverted(own = plan, routesDiverted = forDeclared): string {
    const result = divertText(config, own);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.value.report).toMatchObject({ diverted: routesDiverted, unsupported: [] });
    return result.value.text;
  }

  describe.each(ENVOY_VERSIONS)('with Envoy %s', (version) => {
    const requests = gatewayRequests(routes);

    it('does for every route, under every host, what was decided, and else what it did before', async () => {
      expect(routes.length).toBe(allRoutes);
      const before = await ask(version, config, requests);
      const after = await ask(version, diverted(), requests);
      expect(faultsIn(requests, before, after).slice(0, 5)).toEqual([]);
      // Every route was asked: those that lead to an upstream say whom they asked, the others answer themselves.
      const sites = new Set(before.map((answer) => answer.seen?.site));
      expect(sites.size).toBeGreaterThan(15);
      const redirected = before.filter(({ status }) => status === 301);
      expect(redirected.length).toBeGreaterThan(0);
      const toTarget = after.filter((answer) => answer.seen?.site === 'target web');
      expect(toTarget.length).toBeGreaterThan(400);
    });

    it('does so with a thousand hosts, of several domains', async () => {
      const others = Array.from(
        { length: 999 },
        (_, index) => `w${index}.${DOMAINS[index % DOMAINS.length]}`,
      );
      const many = diversionText(
        withHosts(...others.slice(500), 'test.wikipedia.org', ...others.slice(0, 500)),
      );
      const swapped = (request: LiveRequest): LiveRequest => ({
        ...request,
        authority: request.authority.replace('xtest.wikipedia.org', 'W404.wiktionary.org'),
        path: request.path.replace('xtest.wikipedia.org', 'w403.wikipedia.org').replace('test2', 'w403'),
      });
      const asked = requests.map(swapped);
      const own = planOf(many);
      const before = await ask(version, config, asked);
      const after = await ask(version, diverted(own, forThousand), asked, { diversion: many });
      const faults = faultsIn(asked, before, after, own);
      expect(faults.slice(0, 5)).toEqual([]);
      expect(after.filter((answer) => answer.seen?.site === 'target web').length).toBeGreaterThan(600);
    });
  });

  describe.each(ENVOY_VERSIONS)('and what it does besides, with Envoy %s', (version) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwks = JSON.stringify({
      keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'stage', alg: 'RS256', use: 'sig' }],
    });
    const cases: Record<string, Record<string, string>> = {
      plain: {},
      limited: limitHeaders(OVER_LIMIT_WORD),
      unlimited: limitHeaders('somebody'),
      token: { authorization: `Bearer ${token()}` },
      forged: { authorization: `Bearer ${token().slice(0, -8)}AAAAAAAA` },
    };
    const requests = Object.values(cases).flatMap((headers) => DOORS.map((door) => ({ ...door, headers })));
    let before: Answer[];
    let after: Answer[];

    beforeAll(async () => {
      before = await ask(version, config, requests, { jwks });
      after = await ask(version, diverted(), requests, { jwks });
    });

    it('is the same side by side', () => {
      expect(faultsIn(requests, before, after)).toEqual([]);
    });

    it.each([
      ['plain', 200],
      ['limited', 429],
      ['unlimited', 200],
      ['token', 200],
      ['forged', 401],
    ])('answers to a request that is %s with %i, diverted or not', (name, status) => {
      const first = Object.keys(cases).indexOf(name) * DOORS.length;
      const answers = after.slice(first, first + DOORS.length);
      expect(answers.map((answer) => answer.status)).toEqual(DOORS.map(() => status));
      if (status !== 200) return;
      expect(answers.map((answer) => answer.seen?.site)).toEqual([
        'target web',
        'target web',
        'mw-api-ext-ro.discovery.wmnet:4447',
      ]);
      // Both scripts of the filter chain ran, once each, as the untouched gateway's did.
      expect(answers.map((answer) => answer.seen?.headers['x-script-ran'])).toEqual(DOORS.map(() => '1, 2'));
    });

    function token(): string {
      const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = {
        iss: 'https://meta.wikimedia.org',
        sub: 'x',
        exp: Math.floor(Date.now() / 1000) + 3600,
      };
      const text = `${encode({ alg: 'RS256', kid: 'stage', typ: 'JWT' })}.${encode(claims)}`;
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
    }
  });
});

/** Headers that the gateway's own script would set, of which its descriptors are made. */
function limitHeaders(user: string): Record<string, string> {
  return {
    'x-wmf-ratelimit-policy-1': 'May2026',
    'x-wmf-ratelimit-policy-2': 'Shadow',
    'x-wmf-ratelimit-cost-1': '1',
    'x-wmf-ratelimit-cost-2': '1',
    'x-wmf-ratelimit-class': 'anon',
    'x-wmf-user-id': user,
  };
}
