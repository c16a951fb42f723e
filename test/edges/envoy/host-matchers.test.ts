import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { revert } from '../../../webhook/edges/envoy/revert.ts';
import { diversionPlan, withHosts } from '../../fixtures/diversions.ts';
import { API, at, config, copiesIn } from './configs.ts';

const PLAN = diversionPlan();
const WEB = 'shunt-testwiki-web';
const GATEWAY = ['rest-gateway.discovery.wmnet:*', '*.wikipedia.org'];

/** A configuration whose only virtual host answers to these domains. */
function answering(domains: readonly string[], route: JsonObject): JsonObject {
  const text = JSON.stringify(config(API, [route])).replace('["*"]', JSON.stringify(domains));
  return JSON.parse(text) as JsonObject;
}

const headersOf = (copy: JsonObject): string[] =>
  (at(copy, 'match', 'headers') as Json[]).map((header) => String(at(header, 'name')));

const PLAIN: JsonObject = { match: { prefix: '/' }, route: { cluster: 'api' } };

function fromPath(regex: string, substitution: string): JsonObject {
  const rewrite = { pattern: { regex }, substitution };
  return { match: { safe_regex: { regex } }, route: { cluster: 'api', host_rewrite_path_regex: rewrite } };
}

const WIKIPEDIA = fromPath('^/+core/v1/wikipedia/(\\w+)/(.*)$', '\\1.wikipedia.org');

describe('a route that leaves the authority alone', () => {
  it.each([[GATEWAY], [['*.wikipedia.org', 'LOCALHOST:6033']]])(
    'is diverted by Host, and under the gateway’s own names by path: %j',
    (domains) => {
      const [byHost, byPath, ...more] = copiesIn(divert(answering(domains, PLAIN), PLAN).config);
      expect(more).toEqual([]);
      expect(headersOf(byHost ?? {})).toEqual([':authority', ':authority']);
      expect(headersOf(byPath ?? {})).toEqual([':path', ':authority']);
      expect(at(byPath, 'match', 'runtime_fraction')).toEqual(at(byHost, 'match', 'runtime_fraction'));
      expect(at(byPath, 'route')).toEqual({
        cluster: WEB,
        host_rewrite_path_regex: { pattern: { regex: '^/+([^/]+)/[Vv]1/.*$' }, substitution: '\\1' },
      });
    },
  );

  it.each([[['*']], [['*.wikipedia.org']], [['xrest-gateway.discovery.wmnet']]])(
    'is diverted by Host alone at any other proxy: %j',
    (domains) => {
      expect(copiesIn(divert(answering(domains, PLAIN), PLAN).config).map(headersOf)).toEqual([
        [':authority', ':authority'],
      ]);
    },
  );

  it('has copies that look for a piece of its own path before anything else', () => {
    const route = { ...PLAIN, match: { safe_regex: { regex: '^/+([^/]+)/v1/page/(.+)$' } } };
    const copies = copiesIn(divert(answering(GATEWAY, route), PLAN).config);
    expect(copies.map((copy) => at(copy, 'match', 'headers', 0))).toEqual([
      { name: ':path', string_match: { contains: '/v1/page/' } },
      { name: ':path', string_match: { contains: '/v1/page/' } },
    ]);
  });

  it.each([
    [{ safe_regex: { regex: '^/+w/api.php(.*)$' } }, 1],
    [{ safe_regex: { regex: '/w/rest\\.php' } }, 1],
    [{ path: '/healthz' }, 1],
    [{ prefix: '/en.wikipedia.org/' }, 1],
    [{ prefix: '/' }, 2],
    [{ prefix: '//TEST.wiki' }, 2],
    [{ safe_regex: { regex: '^/+([^/]+)/v1/page/(.+)$' } }, 2],
    [{ safe_regex: { regex: '^/w.*|/test.*' } }, 2],
    [{ safe_regex: { regex: '^/w?test.*' } }, 2],
    [{ safe_regex: { regex: '/test\\.wikipedia\\.(org|net)/v1/' } }, 2],
    [{ safe_regex: { regex: '(?:/w|/test).*' } }, 2],
  ])('has a copy by path only where its own path leaves room for one: %j', (match, count) => {
    expect(copiesIn(divert(answering(GATEWAY, { ...PLAIN, match }), PLAN).config)).toHaveLength(count);
  });

  it('keeps to the jobs of the target also by path', () => {
    const text = JSON.stringify(answering(GATEWAY, PLAIN)).replace('mw-api-int', 'mw-jobrunner');
    const given = JSON.parse(text.replace('4446', '4448')) as JsonObject;
    const copies = copiesIn(divert(given, PLAN).config);
    expect(copies.map(headersOf)).toEqual([
      [':authority', ':authority', ':method', ':path'],
      [':authority', ':authority', ':method', ':path'],
      [':authority', ':authority'],
      [':path', ':authority', ':method', ':path'],
      [':path', ':authority', ':method', ':path'],
      [':path', ':authority'],
    ]);
    expect(at(copies[3], 'route', 'host_rewrite_literal')).toBe('mw-pretrain-jobrunner.discovery.wmnet');
    expect(at(copies[3], 'route')).not.toHaveProperty('host_rewrite_path_regex');
  });
});

describe('a route that makes the authority from the path', () => {
  it('is diverted by the declared path and never by Host, and goes on making it', () => {
    const { config: result, report } = divert(answering(GATEWAY, WIKIPEDIA), PLAN);
    const copies = copiesIn(result);
    expect(copies.map(headersOf)).toEqual([[':path', ':path']]);
    const regex = String(at(copies[0], 'match', 'headers', 1, 'string_match', 'safe_regex', 'regex'));
    expect(at(copies[0], 'match', 'headers', 0, 'string_match')).toEqual({ contains: '/core/v1/wikipedia/' });
    expect('//core/v1/wikipedia/TEST/x?y').toMatch(new RegExp(`^(?:${regex})$`));
    expect('/core/v1/wikipedia/en/test/').not.toMatch(new RegExp(`^(?:${regex})$`));
    expect(at(copies[0], 'route')).toEqual({ ...(WIKIPEDIA['route'] as JsonObject), cluster: WEB });
    expect(report.unsupported).toEqual([]);
  });

  it('knows several hosts by one expression', () => {
    const plan = diversionPlan(withHosts('test.wikipedia.org', 'test2.wikipedia.org', 'www.wikidata.org'));
    const copies = copiesIn(divert(answering(GATEWAY, WIKIPEDIA), plan).config);
    expect(copies.map(headersOf)).toEqual([[':path', ':path']]);
    expect(JSON.stringify(copies)).toContain('(?:[Tt][Ee][Ss][Tt]|[Tt][Ee][Ss][Tt]2)');
  });

  it.each([
    ['that names others', '^/+core/v1/wikinews/(\\w+)/(.*)$', '\\1.wikinews.org'],
    ['that names one other', '^/+core/v1/commons/(.*)$', 'commons.wikimedia.org'],
  ])('is left alone for declared paths %s', (_, regex, substitution) => {
    const given = answering(GATEWAY, fromPath(regex, substitution));
    expect(divert(given, PLAN)).toMatchObject({ config: given, report: { diverted: 0, unsupported: [] } });
  });

  it.each([
    ['another declared host', fromPath('^/+core/v1/wikinews/(\\w+)/(.*)$', '\\1.wikipedia.org'), true],
    ['an undeclared path', fromPath('^/+x/(\\w+)/(.*)$', '\\1.wikipedia.org'), true],
    [
      'an expression that is not read',
      fromPath('(?i)^/+core/v1/wikipedia/(\\w+)$', '\\1.wikipedia.org'),
      true,
    ],
    ['an undeclared path of others', fromPath('^/+x/(\\w+)/(.*)$', '\\1.wiktionary.org'), false],
  ])('is reported where the declared paths do not say what it does: %s', (_, route, bypass) => {
    const given = answering(GATEWAY, route);
    const { config: result, report } = divert(given, PLAN);
    expect(result).toEqual(given);
    expect(report.unsupported).toMatchObject([
      { bypass, reason: expect.stringContaining('edges.restGateway.paths') },
    ]);
  });

  it('is reported at any other proxy', () => {
    expect(divert(answering(['*'], WIKIPEDIA), PLAN).report.unsupported).toMatchObject([{ bypass: true }]);
  });
});

describe('two diversions in one Envoy', () => {
  const other = diversionPlan(['name: testwiki', 'name: other'], withHosts('en.wikipedia.org'));
  const original = answering(GATEWAY, PLAIN);
  const both = divert(divert(original, PLAN).config, other).config;

  it.each([
    ['in the order in which they came', 'testwiki', 'other'],
    ['in the other', 'other', 'testwiki'],
  ])('are taken out %s', (_, first, second) => {
    expect(revert(revert(both, first), second)).toEqual(original);
    const left = first === 'testwiki' ? other : PLAN;
    expect(revert(both, first)).toEqual(divert(original, left).config);
  });
});
