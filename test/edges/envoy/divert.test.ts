import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { revert } from '../../../webhook/edges/envoy/revert.ts';
import { diversionPlan, SWITCHED_OFF, withShare } from '../../fixtures/diversions.ts';
import { fixtureEnvoy } from '../../fixtures/read.ts';
import {
  API,
  at,
  cluster,
  clusterNamed,
  clustersOf,
  config,
  copiesIn,
  JOBS,
  routesOf,
  TO_API,
  TO_JOBS,
} from './configs.ts';

const PLAN = diversionPlan();
const WEB = 'shunt-testwiki-web';
const ANY_FROM_PATH = { pattern: { regex: '^/(.*)' }, substitution: '\\1' };
const JOBRUNNER = 'shunt-testwiki-jobrunner';

function diverted(given: JsonObject): JsonObject {
  return divert(given, PLAN).config;
}

/** The only copy of a route that goes to the API. */
function copyOf(route: JsonObject, clusters: Readonly<Record<string, string>> = API): JsonObject {
  const copies = copiesIn(diverted(config(clusters, [route])));
  expect(copies).toHaveLength(1);
  return copies[0] ?? {};
}

describe('divert', () => {
  it.each(['mesh', 'rest-gateway'] as const)('is idempotent and has an inverse: %s', (name) => {
    const original = fixtureEnvoy(name);
    const once = diverted(original);
    expect(once).not.toEqual(original);
    expect(diverted(once)).toEqual(once);
    expect(revert(once, 'testwiki')).toEqual(original);
  });

  it('does not change its argument', () => {
    const original = fixtureEnvoy('mesh');
    diverted(original);
    expect(original).toEqual(fixtureEnvoy('mesh'));
  });

  it('puts each copy directly in front of its original, which stays as it was', () => {
    const other = { name: 'other', match: { path: '/x' }, route: { cluster: 'other' } };
    const given = config({ ...API, other: 'restbase.discovery.wmnet:7443' }, [other, TO_API, other]);
    const routes = routesOf(diverted(given));
    expect(routes.map((route) => at(route, 'route', 'cluster'))).toEqual(['other', WEB, 'api', 'other']);
    expect([routes[0], routes[2], routes[3]]).toEqual([other, TO_API, other]);
  });

  it('recognises clusters by address and port, never by name', () => {
    const given = config({ 'mw-api-int': 'restbase.discovery.wmnet:7443', x: '10.2.1.81:4446' }, [
      { match: { prefix: '/a' }, route: { cluster: 'mw-api-int' } },
      { match: { prefix: '/b' }, route: { cluster: 'x' } },
    ]);
    expect(divert(given, PLAN).report).toMatchObject({ diverted: 1, clusters: ['x'] });
  });

  it.each([
    ['another port', 'mw-api-int.discovery.wmnet:4447'],
    ['a longer name', 'mw-api-int.discovery.wmnet.evil.example:4446'],
    ['a shorter name', 'api-int.discovery.wmnet:4446'],
  ])('leaves a cluster alone at %s', (_, place) => {
    const given = config({ api: place }, [TO_API]);
    expect(diverted(given)).toEqual(given);
  });

  it.each([
    ['in capitals', 'MW-API-INT.discovery.wmnet:4446'],
    ['with a trailing dot', 'mw-api-int.discovery.wmnet.:4446'],
    ['as another of its addresses', '10.2.2.81:4446'],
  ])('recognises an address %s', (_, place) => {
    expect(divert(config({ api: place }, [TO_API]), PLAN).report.diverted).toBe(1);
  });

  it('recognises a port that is written as a text, as protobuf JSON allows', () => {
    const given = config(API, [TO_API]);
    const text = JSON.stringify(given).replace('"port_value":4446', '"port_value":"4446"');
    expect(divert(JSON.parse(text), PLAN).report.diverted).toBe(1);
  });

  it('leaves a cluster alone that also leads elsewhere', () => {
    const given = config({}, [TO_API]);
    const mixed = cluster('api', 'mw-api-int.discovery.wmnet:4446', 'restbase.discovery.wmnet:7443');
    const resources = at(given, 'static_resources') as JsonObject;
    expect(divert({ static_resources: { ...resources, clusters: [mixed] } }, PLAN).report.diverted).toBe(0);
  });

  it('adds one cluster for a target, however many routes go there', () => {
    const given = config({ ...API, web: 'mw-web.discovery.wmnet:4450' }, [
      TO_API,
      { match: { prefix: '/' }, route: { cluster: 'web' } },
    ]);
    expect(clustersOf(diverted(given)).map(({ name }) => name)).toEqual([WEB, 'api', 'web']);
  });

  it('adds no cluster for a target that nothing leads to', () => {
    const names = clustersOf(diverted(config({ ...API, ...JOBS }, [TO_API]))).map(({ name }) => name);
    expect(names).toEqual([WEB, 'api', 'jobs']);
  });

  it('verifies SNI and names of the target, on HTTP/1.1', () => {
    const target = clusterNamed(diverted(config(API, [TO_API])), WEB);
    const tls = at(target, 'transport_socket', 'typed_config');
    expect(at(tls, 'sni')).toBe('mw-pretrain.discovery.wmnet');
    expect(at(tls, 'common_tls_context', 'validation_context')).toEqual({
      trusted_ca: { filename: '/etc/ssl/certs/wmf-ca-certificates.crt' },
      match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'mw-pretrain.discovery.wmnet' } }],
    });
  });
});

describe('the authority that the target sees', () => {
  const filtersOf = (name: string, given: JsonObject): string[] => {
    const options = at(clusterNamed(diverted(given), name), 'typed_extension_protocol_options');
    const filters = at(options, 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions', 'http_filters');
    return ((filters ?? []) as JsonObject[]).map((filter) => JSON.stringify(filter));
  };

  it('is made canonical where it is preserved, in the filters of the target’s own cluster', () => {
    const [canonical, codec, ...others] = filtersOf(WEB, config(API, [TO_API]));
    expect(canonical).toContain(JSON.stringify(':gsub(":%d*$", ""):gsub("%.$", ""):lower()').slice(1, -1));
    expect(codec).toContain('upstream_codec');
    expect(others).toEqual([]);
  });

  it('is the gateway’s own name where it is rewritten, and needs no filter', () => {
    expect(filtersOf(JOBRUNNER, config(JOBS, [TO_JOBS]))).toEqual([]);
  });
});

describe('a diverted copy', () => {
  it('also matches the host, and the share by a runtime key', () => {
    expect(at(copyOf(TO_API), 'match')).toEqual({
      prefix: '/',
      headers: [
        { name: ':authority', string_match: { prefix: 'test.wikipedia.org', ignore_case: true } },
        {
          name: ':authority',
          string_match: { safe_regex: { regex: '(?i)(?:test\\.wikipedia\\.org)\\.?(?::[0-9]*)?' } },
        },
      ],
      runtime_fraction: {
        default_value: { numerator: 100, denominator: 'HUNDRED' },
        runtime_key: 'shunt.testwiki.share',
      },
    });
  });

  it.each([
    [[withShare(30)], 30],
    [[SWITCHED_OFF], 0],
  ] as const)('has the declared share as its default: %j', (changes, numerator) => {
    const { config: result } = divert(config(API, [TO_API]), diversionPlan(...changes));
    const [copy] = copiesIn(result);
    expect(at(copy, 'match', 'runtime_fraction', 'default_value', 'numerator')).toBe(numerator);
  });

  it('keeps all of the original’s conditions and settings', () => {
    const original: JsonObject = {
      name: 'page',
      match: {
        safe_regex: { regex: '^/page/(.*)$' },
        case_sensitive: false,
        query_parameters: [{ name: 'a', present_match: true }],
        headers: [{ name: ':method', string_match: { exact: 'GET' } }],
      },
      route: {
        cluster: 'api',
        timeout: '60s',
        regex_rewrite: { pattern: { regex: '^/page/(.*)$' }, substitution: '/w/\\1' },
        retry_policy: { retry_on: '5xx', num_retries: 1 },
        hash_policy: [{ header: { header_name: 'x' } }],
      },
      stat_prefix: 'page',
      request_headers_to_add: [{ header: { key: 'x', value: 'y' } }],
      response_headers_to_remove: ['z'],
      typed_per_filter_config: { lua: { '@type': 'LuaPerRoute', disabled: true } },
      metadata: {
        filter_metadata: { lua: { policies: ['a'] } },
        typed_filter_metadata: { b: { '@type': 'B' } },
      },
      decorator: { operation: 'o' },
    };
    const copy = copyOf(original);
    const { name, match, metadata, route, ...rest } = copy;
    const {
      name: _n,
      match: originalMatch,
      metadata: originalMetadata,
      route: originalRoute,
      ...same
    } = original;
    expect(name).toBe(`page ${WEB}`);
    expect(rest).toEqual(same);
    expect(route).toEqual({ ...(originalRoute as JsonObject), cluster: WEB });
    expect(match).toMatchObject({ ...(originalMatch as JsonObject), headers: expect.anything() });
    expect(at(match, 'headers', 0)).toEqual({ name: ':method', string_match: { exact: 'GET' } });
    expect(at(metadata, 'typed_filter_metadata')).toEqual(at(originalMetadata, 'typed_filter_metadata'));
    expect(at(metadata, 'filter_metadata')).toEqual({
      lua: { policies: ['a'] },
      'shunt.wikimedia.org': { diversion: 'testwiki' },
    });
  });

  it('drops auto_host_rewrite', () => {
    const copy = copyOf({ match: { prefix: '/' }, route: { cluster: 'api', auto_host_rewrite: true } });
    expect(copy['route']).toEqual({ cluster: WEB });
  });

  it('replaces every declared cluster of a weighted route, and keeps the weights', () => {
    const copy = copyOf(
      {
        match: { prefix: '/' },
        route: {
          weighted_clusters: {
            clusters: [
              { name: 'api', weight: 90 },
              { name: 'web', weight: 9 },
              { name: 'other', weight: 1 },
            ],
          },
        },
      },
      { ...API, web: 'mw-web.discovery.wmnet:4450', other: 'restbase.discovery.wmnet:7443' },
    );
    expect(at(copy, 'route', 'weighted_clusters', 'clusters')).toEqual([
      { name: WEB, weight: 90 },
      { name: WEB, weight: 9 },
      { name: 'other', weight: 1 },
    ]);
  });
});

describe('a copy for jobs', () => {
  const ORIGINAL: JsonObject = {
    match: { prefix: '/' },
    request_headers_to_remove: ['x-forwarded-proto'],
    route: {
      cluster: 'jobs',
      timeout: '30s',
      idle_timeout: '10s',
      retry_policy: { retry_on: '5xx', num_retries: 1 },
      hedge_policy: { hedge_on_per_try_timeout: true },
      max_stream_duration: { max_stream_duration: '60s' },
      auto_host_rewrite: true,
    },
  };
  const copies = copiesIn(diverted(config(JOBS, [ORIGINAL])));

  it('runs to its end and once, under the name of the gateway', () => {
    expect(at(copies[0], 'route')).toEqual({
      cluster: JOBRUNNER,
      timeout: '1202.5s',
      idle_timeout: '1202.5s',
      max_stream_duration: { max_stream_duration: '0s' },
      retry_policy: { num_retries: 0 },
      host_rewrite_literal: 'mw-pretrain-jobrunner.discovery.wmnet',
    });
  });

  it('does not let a caller ask for retries', () => {
    expect(at(copies[0], 'request_headers_to_remove')).toEqual([
      'x-forwarded-proto',
      'x-envoy-retry-on',
      'x-envoy-retry-grpc-on',
      'x-envoy-max-retries',
      'x-envoy-hedge-on-per-try-timeout',
    ]);
  });

  it('exists for each allowed request, and for nothing else', () => {
    const conditions = copies.map((copy) => (at(copy, 'match', 'headers') as Json[]).slice(2));
    expect(conditions).toEqual([
      [
        { name: ':method', string_match: { exact: 'POST' } },
        { name: ':path', string_match: { safe_regex: { regex: '/rpc/RunSingleJob\\.php(?:\\?.*)?' } } },
      ],
      [
        { name: ':method', string_match: { exact: 'GET' } },
        { name: ':path', string_match: { safe_regex: { regex: '/w/health-check\\.php(?:\\?.*)?' } } },
      ],
      [],
    ]);
  });

  it('ends in a refusal of the host’s other requests, which no upstream sees', () => {
    const refusal = copies.at(-1);
    expect(refusal).not.toHaveProperty('route');
    expect(at(refusal, 'direct_response', 'status')).toBe(403);
    expect(at(refusal, 'direct_response', 'body', 'inline_string')).toMatch(/POST \/rpc\/RunSingleJob\.php/);
    expect(at(refusal, 'match', 'runtime_fraction', 'runtime_key')).toBe('shunt.testwiki.share');
  });
});

describe('what is left alone', () => {
  it.each([['a route to elsewhere', { cluster: 'other' }]])('%s', (_, route) => {
    const given = config({ ...API, other: 'restbase.discovery.wmnet:7443' }, [
      { match: { prefix: '/' }, route },
    ]);
    expect(divert(given, PLAN)).toEqual({
      config: given,
      report: expect.objectContaining({ diverted: 0, unsupported: [] }),
    });
  });

  it.each([
    ['a redirect', { redirect: { path_redirect: '/x' } }],
    ['a direct response', { direct_response: { status: 404 } }],
  ])('%s', (_, action) => {
    const given = config(API, [{ match: { prefix: '/' }, ...action }]);
    expect(diverted(given)).toEqual(given);
  });

  it.each([
    [
      'a configuration without routes',
      { static_resources: { clusters: [cluster('api', 'mw-api-int.discovery.wmnet:4446')] } },
    ],
    ['one without clusters', { static_resources: {} }],
    ['one that is wholly dynamic', { dynamic_resources: { ads_config: {} } }],
    [
      'one whose parts have odd types',
      {
        static_resources: {
          clusters: 'x',
          listeners: [null, 5, { virtual_hosts: [null, { routes: [null, 5] }] }],
        },
      },
    ],
  ])('%s', (_, given) => {
    expect(diverted(given as JsonObject)).toEqual(given);
  });
});

describe('what cannot be decided by host is reported, with its place', () => {
  const PLACE =
    'static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0]';

  it.each([
    [
      'a runtime fraction of its own',
      { match: { prefix: '/', runtime_fraction: {} }, route: { cluster: 'api' } },
      /runtime fraction/,
    ],
    [
      'a cluster from a header',
      { match: { prefix: '/' }, route: { cluster_header: 'x' } },
      /while the request runs/,
    ],
    [
      'weighted clusters of different targets',
      {
        match: { prefix: '/' },
        route: { weighted_clusters: { clusters: [{ name: 'api' }, { name: 'jobs' }] } },
      },
      /different targets/,
    ],
    [
      'a weighted cluster that rewrites the host',
      {
        match: { prefix: '/' },
        route: {
          weighted_clusters: { clusters: [{ name: 'api', host_rewrite_literal: 'en.wikipedia.org' }] },
        },
      },
      /rewrite the host/,
    ],
    [
      'a diverted host for every request',
      { match: { prefix: '/' }, route: { cluster: 'api', host_rewrite_literal: 'Test.wikipedia.org' } },
      /whatever Host was/,
    ],
    [
      'an authority from another header',
      { match: { prefix: '/' }, route: { cluster: 'api', host_rewrite_header: 'x-host' } },
      /another header/,
    ],
    [
      'an authority from the path',
      { match: { prefix: '/' }, route: { cluster: 'api', host_rewrite_path_regex: ANY_FROM_PATH } },
      /does not say when that is test\.wikipedia\.org/,
    ],
  ])('%s', (_, route, reason) => {
    const given = config({ ...API, ...JOBS }, [route]);
    const { config: result, report } = divert(given, PLAN);
    expect(result).toEqual(given);
    expect(report).toMatchObject({
      diverted: 0,
      unsupported: [{ path: PLACE, reason: expect.stringMatching(reason) }],
    });
  });
});
