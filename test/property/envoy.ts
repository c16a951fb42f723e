import fc from 'fast-check';
import type { Json, JsonObject } from '../../webhook/core/json.ts';

/*
 * Random Envoy bootstraps: some clusters lead to declared upstreams and some nowhere of ours, routes match and act in
 * every way that a transformer could trip over, in either spelling of the fields.
 */

const DECLARED = [
  'mw-api-int.discovery.wmnet:4446',
  'MW-API-INT.discovery.wmnet.:4446',
  '10.2.2.90:4448',
  'mw-jobrunner.discovery.wmnet:4448',
  'mw-web.discovery.wmnet:4450',
];
const OTHERS = ['restbase.discovery.wmnet:7443', 'mw-api-int.discovery.wmnet:4447', '127.0.0.1:8080'];
const NAMES = ['a', 'b', 'c', 'd', 'mw-api-int'];

const word = fc.constantFrom('a', 'on', 'x y', "it's", 'è', '#', '1');
const names = fc.constantFrom(...NAMES);

function some(fields: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<JsonObject> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
}

function rarely(fields: JsonObject): fc.Arbitrary<JsonObject> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant(fields) });
}

const match = fc
  .tuple(
    fc.constantFrom<JsonObject>({ prefix: '/' }, { path: '/x' }, { safe_regex: { regex: '^/(.*)$' } }),
    some({
      headers: fc.constant([{ name: ':method', string_match: { exact: 'GET' } }]),
      query_parameters: fc.constant([{ name: 'q', present_match: true }]),
      case_sensitive: fc.boolean(),
    }),
    rarely({ runtime_fraction: { default_value: { numerator: 5 }, runtime_key: 'k' } }),
  )
  .map(([path, more, blind]) => ({ ...path, ...more, ...blind }));

const weighted = fc
  .array(
    fc.tuple(names, fc.nat(100)).map(([name, weight]): JsonObject => ({ name, weight })),
    { minLength: 1, maxLength: 3 },
  )
  .map((clusters): JsonObject => ({ weighted_clusters: { clusters } }));

const choice: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 5, arbitrary: names.map((cluster): JsonObject => ({ cluster })) },
  { weight: 1, arbitrary: weighted },
  { weight: 1, arbitrary: fc.constant<JsonObject>({ cluster_header: 'x-cluster' }) },
);

function fromPath(project: string): JsonObject {
  return {
    pattern: { regex: `^/+core/v1/${project}/(\\w+)/(.*)$` },
    substitution: `\\1.${project}.org`,
  };
}

const action = fc
  .tuple(
    choice,
    some({
      timeout: fc.constantFrom('5s', '0s'),
      idle_timeout: fc.constant('1s'),
      retry_policy: fc.constant({ retry_on: '5xx', num_retries: 1 }),
      auto_host_rewrite: fc.boolean(),
      request_mirror_policies: fc.constant([{ cluster: 'b' }]),
      prefix_rewrite: word,
    }),
    fc.oneof(
      { weight: 7, arbitrary: fc.constant({}) },
      {
        weight: 2,
        arbitrary: fc.constantFrom<JsonObject>(
          { host_rewrite_literal: 'en.wikipedia.org' },
          { host_rewrite_literal: 'test.wikipedia.org' },
          { host_rewrite_path_regex: fromPath('wikipedia') },
          { host_rewrite_path_regex: fromPath('wikinews') },
        ),
      },
    ),
  )
  .map(([leads, ...more]): JsonObject => ({ route: Object.assign({}, leads, ...more) }));

const route = fc
  .tuple(
    match,
    fc.oneof(
      { weight: 6, arbitrary: action },
      { weight: 1, arbitrary: fc.constant<JsonObject>({ redirect: { path_redirect: '/y' } }) },
      { weight: 1, arbitrary: fc.constant<JsonObject>({ direct_response: { status: 404 } }) },
    ),
    some({
      name: word,
      metadata: fc.constantFrom<Json>(
        {},
        { filter_metadata: { lua: { a: 1 } } },
        { filterMetadata: { lua: {} } },
      ),
      typed_per_filter_config: fc.constant({ lua: { '@type': 'x', text: 'one\n two\n' } }),
      request_headers_to_remove: fc.constant(['x']),
    }),
  )
  .map(([matches, acts, more]): JsonObject => ({ match: matches, ...acts, ...more }));

const virtualHost = fc
  .tuple(
    fc.array(route, { minLength: 1, maxLength: 4 }),
    fc.constantFrom(['*'], ['rest-gateway.discovery.wmnet:*', '*.wikipedia.org']),
  )
  .map(([routes, domains]): JsonObject => ({ name: 'v', domains, routes }));

const listener = fc.array(virtualHost, { minLength: 1, maxLength: 2 }).map(
  (virtual_hosts): JsonObject => ({
    filter_chains: [{ filters: [{ name: 'hcm', typed_config: { route_config: { virtual_hosts } } }] }],
  }),
);

/** Mostly one declared place, sometimes several that may not belong together. */
const places = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...DECLARED).map((place) => [place]) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...DECLARED, ...OTHERS), { maxLength: 2 }) },
);

const cluster = (name: string): fc.Arbitrary<JsonObject> =>
  places.map((given) => ({
    name,
    load_assignment: { endpoints: [{ lb_endpoints: given.map(endpoint) }] },
  }));

function endpoint(place: string): Json {
  const port = place.lastIndexOf(':');
  const socket = { address: place.slice(0, port), port_value: Number(place.slice(port + 1)) };
  return { endpoint: { address: { socket_address: socket } } };
}

const runtime: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  {},
  { layered_runtime: { layers: [{ name: 'admin', admin_layer: {} }] } },
  {
    layeredRuntime: {
      layers: [
        { name: 'own', static_layer: { a: 1 } },
        { name: 'admin', admin_layer: {} },
      ],
    },
  },
);

export const bootstraps: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.array(listener, { minLength: 1, maxLength: 3 }),
    fc.tuple(...NAMES.map(cluster)),
    runtime,
    fc.constantFrom('static_resources', 'staticResources'),
  )
  .map(([listeners, clusters, layers, key]) => ({ admin: {}, ...layers, [key]: { listeners, clusters } }));
