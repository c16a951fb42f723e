import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { divertText } from '../../../webhook/edges/envoy/text.ts';
import { diversionPlan } from '../../fixtures/diversions.ts';
import { API, at, cluster, clustersOf, config, routesOf, TO_API } from './configs.ts';

const PLAN = diversionPlan();
const ELSEWHERE = { other: 'restbase.discovery.wmnet:7443' };
const TO_OTHER: JsonObject = { match: { prefix: '/' }, route: { cluster: 'other' } };

function withClusters(given: JsonObject, ...clusters: readonly JsonObject[]): JsonObject {
  const resources = given['static_resources'] as JsonObject;
  return { static_resources: { ...resources, clusters: [...clustersOf(given), ...clusters] } };
}

function reasonsOf(given: JsonObject): (readonly [reason: string, bypass: boolean])[] {
  return divert(given, PLAN).report.unsupported.map(({ reason, bypass }) => [reason, bypass] as const);
}

describe('what can send a request to a declared upstream is diverted or named', () => {
  it.each<[string, JsonObject, RegExp, boolean]>([
    [
      'a rewrite of the authority by a format',
      config(API, [{ match: { prefix: '/' }, route: { cluster: 'api', host_rewrite: '%REQ(x-h)%' } }]),
      /host_rewrite/,
      true,
    ],
    [
      'a field of an action that this version does not know',
      config(API, [{ match: { prefix: '/' }, route: { cluster: 'api', hostRewriteLater: 'x' } }]),
      /host_rewrite_later/,
      true,
    ],
    [
      'a condition that this version does not know',
      config(API, [{ match: { prefix: '/', moon_phase: 'full' }, route: { cluster: 'api' } }]),
      /moon_phase/,
      true,
    ],
    [
      'a tunnel by CONNECT',
      config(API, [{ match: { connect_matcher: {} }, route: { cluster: 'api' } }]),
      /connect_matcher/,
      true,
    ],
    [
      'a weighted cluster that a header names',
      config(API, [
        {
          match: { prefix: '/' },
          route: { weighted_clusters: { clusters: [{ name: 'api' }, { cluster_header: 'x-c' }] } },
        },
      ]),
      /cluster_header/,
      true,
    ],
    [
      'a cluster that joins a declared upstream with others',
      withClusters(
        config({ ...API, ...ELSEWHERE }, [{ match: { prefix: '/' }, route: { cluster: 'joined' } }]),
        {
          name: 'joined',
          cluster_type: { name: 'envoy.clusters.aggregate', typed_config: { clusters: ['other', 'api'] } },
        },
      ),
      /joins others/,
      true,
    ],
    [
      'a cluster only a part of which is declared',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'mixed' } }]), {
        ...cluster('mixed', 'mw-api-int.discovery.wmnet:4446', '10.0.0.9:1'),
      }),
      /only a part/,
      true,
    ],
    [
      'endpoints of a control plane',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'eds' } }]), {
        name: 'eds',
        type: 'EDS',
      }),
      /EDS/,
      false,
    ],
    [
      'endpoints of a control plane, by the number of the kind',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'eds' } }]), {
        name: 'eds',
        type: 3,
      }),
      /EDS/,
      false,
    ],
    [
      'a weighted cluster only a part of which is declared',
      withClusters(
        config(API, [
          {
            match: { prefix: '/' },
            route: { weighted_clusters: { clusters: [{ name: 'api' }, { name: 'mixed' }] } },
          },
        ]),
        cluster('mixed', 'mw-api-int.discovery.wmnet:4446', '10.0.0.9:1'),
      ),
      /only a part/,
      true,
    ],
    [
      'a cluster that joins one that joins others',
      withClusters(
        config(API, [{ match: { prefix: '/' }, route: { cluster: 'outer' } }]),
        { name: 'outer', cluster_type: { name: 'x', typed_config: { clusters: ['inner'] } } },
        { name: 'inner', cluster_type: { name: 'x', typed_config: { clusters: [{ name: 'api' }] } } },
      ),
      /joins others/,
      true,
    ],
    [
      'a further address of an endpoint',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'far' } }]), {
        name: 'far',
        load_assignment: {
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: {
                    address: { socket_address: { address: '10.0.0.9', port_value: 4446 } },
                    additional_addresses: [
                      { address: { socket_address: { address: '10.2.1.81', port_value: 4446 } } },
                    ],
                  },
                },
              ],
            },
          ],
        },
      }),
      /only a part/,
      true,
    ],
    [
      'an upstream over HTTP/3',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'grpc' } }]), {
        ...cluster('grpc', 'mw-api-int.discovery.wmnet:4446'),
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            explicit_http_config: { http3_protocol_options: {} },
          },
        },
      }),
      /HTTP\/3/,
      true,
    ],
    [
      'an address that the connection has',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'any' } }]), {
        name: 'any',
        type: 'ORIGINAL_DST',
      }),
      /ORIGINAL_DST/,
      false,
    ],
    [
      'a cluster that looks up the host of each request',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'any' } }]), {
        name: 'any',
        clusterType: { name: 'envoy.clusters.dynamic_forward_proxy', typedConfig: {} },
      }),
      /finds its endpoints by itself/,
      false,
    ],
    [
      'a cluster of a control plane',
      {
        ...config({}, [{ match: { prefix: '/' }, route: { cluster: 'remote' } }]),
        dynamicResources: { cdsConfig: { ads: {} } },
      },
      /CDS/,
      false,
    ],
    [
      'endpoints of a locality that come from a control plane',
      withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'leds' } }]), {
        name: 'leds',
        load_assignment: { endpoints: [{ leds_cluster_locality_config: { leds_collection_name: 'x' } }] },
      }),
      /LEDS/,
      false,
    ],
    [
      'mirrors of another route',
      config({ ...API, ...ELSEWHERE }, [
        {
          match: { prefix: '/' },
          route: { cluster: 'other', request_mirror_policies: [{ cluster: 'api' }] },
        },
      ]),
      /mirrors/,
      true,
    ],
    [
      'an action of a kind that is not read',
      config(API, [{ match: { prefix: '/' }, filter_action: { cluster: 'api' } }]),
      /filter_action/,
      true,
    ],
    [
      'a pinned host that is not diverted',
      config(API, [
        { match: { prefix: '/' }, route: { cluster: 'api', host_rewrite_literal: 'en.wikipedia.org' } },
      ]),
      /en\.wikipedia\.org/,
      false,
    ],
  ])('%s', (_, given, reason, bypass) => {
    expect(reasonsOf(given)).toEqual([[expect.stringMatching(reason), bypass]]);
    expect(divert(given, PLAN).config).toEqual(given);
  });

  it.each<[string, JsonObject, RegExp, boolean]>([
    [
      'a TCP proxy',
      {
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
          cluster: 'api',
        },
      },
      /knows no Host/,
      true,
    ],
    [
      'a TCP proxy of which only the kind is said apart',
      {
        typed_config: {
          '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
          type_url: 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
          value: { cluster: 'api' },
        },
      },
      /knows no Host/,
      true,
    ],
    [
      'a filter that asks by itself',
      {
        typed_config: {
          route_config: {},
          http_filters: [{ name: 'x', typed_config: { server_uri: { cluster: 'api' } } }],
        },
      },
      /by itself/,
      false,
    ],
    ['routes of a control plane', { typed_config: { rds: { route_config_name: 'x' } } }, /RDS/, false],
    [
      'a tree of matchers',
      {
        typed_config: {
          route_config: {
            virtual_hosts: [
              { domains: ['*'], matcher: { on_no_match: { action: { route: { cluster: 'api' } } } } },
            ],
          },
        },
      },
      /tree of matchers/,
      true,
    ],
    [
      'mirrors of a whole virtual host',
      {
        typed_config: {
          route_config: {
            virtual_hosts: [
              { domains: ['*'], request_mirror_policies: [{ cluster: 'api' }], routes: [TO_OTHER] },
            ],
          },
        },
      },
      /all its other routes/,
      true,
    ],
  ])('beside routes that are diverted: %s', (_, filter, reason, bypass) => {
    const given = config({ ...API, ...ELSEWHERE }, [TO_API]);
    const listeners = at(given, 'static_resources', 'listeners') as Json[];
    const beside = { name: 'beside', filter_chains: [{ filters: [filter] }] };
    const both = {
      static_resources: { ...(given['static_resources'] as JsonObject), listeners: [...listeners, beside] },
    };
    expect(divert(both, PLAN).report.diverted).toBe(1);
    expect(reasonsOf(both)).toEqual([[expect.stringMatching(reason), bypass]]);
  });

  const OWN_REQUESTS: readonly (readonly [string, JsonObject])[] = [
    [
      'the name of a logger',
      {
        access_log: [
          { typed_config: { common_config: { grpc_service: { envoy_grpc: { cluster_name: 'api' } } } } },
        ],
      },
    ],
    [
      'the name of a tracer, in camelCase',
      { tracing: { provider: { typedConfig: { collectorCluster: 'api' } } } },
    ],
    [
      'the address of a logger',
      {
        access_log: [
          {
            typed_config: {
              grpc_service: { google_grpc: { target_uri: 'dns:///mw-api-int.discovery.wmnet:4446' } },
            },
          },
        ],
      },
    ],
    [
      'a socket address',
      {
        tracing: {
          provider: { typed_config: { daemon_endpoint: { address: '10.2.1.81', port_value: '4446' } } },
        },
      },
    ],
    [
      'a UDP proxy',
      {
        listener_filters: [
          { typed_config: { matcher: { on_no_match: { action: { typed_config: { cluster: 'api' } } } } } },
        ],
      },
    ],
    [
      'what a route tells a filter',
      {
        virtual_hosts: [
          {
            routes: [
              {
                direct_response: { status: 200 },
                typed_per_filter_config: {
                  x: { server_uri: { uri: 'http://mw-api-int.discovery.wmnet:4446/a' } },
                },
              },
            ],
          },
        ],
      },
    ],
  ];

  it.each(OWN_REQUESTS)('outside of the routes: %s', (_, own) => {
    const { report } = divert({ ...config(API, [TO_API]), own }, PLAN);
    expect(report.diverted).toBe(1);
    expect(report.unsupported).toEqual([
      { path: expect.stringMatching(/^own\./), reason: expect.stringMatching(/by itself/), bypass: false },
    ]);
  });

  const FILTERS: readonly (readonly [string, JsonObject, RegExp])[] = [
    [
      'a script that calls it',
      { default_source_code: { inline_string: "handle:httpCall('api', {})" } },
      /by itself/,
    ],
    ['a script of a file', { default_source_code: { filename: '/x.lua' } }, /code of this filter/],
    ['a module', { config: { vm_config: { code: {} } } }, /code of this filter/],
  ];

  it.each(FILTERS)('a filter: %s', (_, filter, reason) => {
    const own = { http_filters: [{ name: 'x', typed_config: filter }] };
    const { report } = divert({ ...config(API, [TO_API]), own }, PLAN);
    expect(report.unsupported).toEqual([
      { path: 'own.http_filters[0]', reason: expect.stringMatching(reason), bypass: false },
    ]);
  });

  it('what only says where Envoy listens, or who it is, is not named', () => {
    const own = {
      node: { cluster: 'api' },
      listeners: [{ address: { socket_address: { address: '10.2.1.81', port_value: 4446 } } }],
      stat_prefix: 'api',
    };
    expect(divert({ ...config(API, [TO_API]), ...own }, PLAN).report.unsupported).toEqual([]);
  });

  it('an IPv4 address that is written as one of IPv6 is the same', () => {
    const mapped = withClusters(config({}, [{ match: { prefix: '/' }, route: { cluster: 'six' } }]), {
      name: 'six',
      load_assignment: {
        endpoints: [
          {
            lb_endpoints: [
              {
                endpoint: {
                  address: { socket_address: { address: '::ffff:10.2.1.81', port_value: 4446 } },
                },
              },
            ],
          },
        ],
      },
    });
    expect(divert(mapped, PLAN).report).toMatchObject({ diverted: 1, unsupported: [] });
  });

  it('a rewrite to the name of the upstream says nothing of the host, as auto_host_rewrite', () => {
    const literal = { cluster: 'api', host_rewrite_literal: 'mw-api-int.discovery.wmnet' };
    for (const route of [literal, { cluster: 'api', auto_host_rewrite: true }]) {
      const { config: diverted, report } = divert(config(API, [{ match: { prefix: '/' }, route }]), PLAN);
      expect(report).toMatchObject({ diverted: 1, unsupported: [] });
      const [copy] = routesOf(diverted);
      expect(copy?.['route']).not.toHaveProperty('auto_host_rewrite');
      expect(copy?.['route']).not.toHaveProperty('host_rewrite_literal');
    }
  });
});

describe('one element in the place of a list', () => {
  it('is kept as a condition of the copy', () => {
    const match = { prefix: '/', headers: { name: 'x-a', present_match: true } };
    const [copy] = routesOf(divert(config(API, [{ match, route: { cluster: 'api' } }]), PLAN).config);
    expect(at(copy, 'match', 'headers')).toContainEqual({ name: 'x-a', present_match: true });
  });

  it('is named where something would have to be put in front of it', () => {
    const given = config(API, []);
    const text = JSON.stringify(given).replace('"routes":[]', `"routes":${JSON.stringify(TO_API)}`);
    const single = JSON.parse(text) as JsonObject;
    const { config: diverted, report } = divert(single, PLAN);
    expect(diverted).toEqual(single);
    expect(report.unsupported).toEqual([
      { path: expect.stringMatching(/routes$/), reason: expect.stringMatching(/list of one/), bypass: true },
    ]);
  });
});

describe('scalars are copied as Envoy reads them', () => {
  const text = (match: string, scalar = ''): string => `static_resources:
  listeners:
  - name: egress
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match:
                  prefix: "/"
                  headers:
                  - name: x-version
                    string_match:
                      exact: ${match}
                route:
                  cluster: api
                stat_prefix: ${scalar === '' ? 'x' : scalar}
  clusters:
  - name: api
    load_assignment:
      endpoints:
      - lb_endpoints:
        - endpoint:
            address:
              socket_address:
                address: mw-api-int.discovery.wmnet
                port_value: 4446
`;

  it.each([
    ['1.10', '"1.10"'],
    ['1.0', '"1.0"'],
    ['1e3', '"1e3"'],
    ['.5', '".5"'],
    ['2026-11-27', '"2026-11-27"'],
    ['6379:6379', '"6379:6379"'],
    ['010', '8'],
    ['0x1F', '31'],
    ['08', '"08"'],
    ['9007199254740993', '"9007199254740993"'],
    ['y', 'true'],
    ['Off', 'false'],
    ['yEs', '"yEs"'],
    ['"on"', '"on"'],
  ])('%s', (written, copied) => {
    const diverted = divertText(text(written), PLAN);
    expect(diverted.ok && diverted.value.text).toContain(`exact: ${copied}\n`);
    expect(diverted.ok && diverted.value.text).toContain(`exact: ${written}\n`);
  });

  it('an integer of JSON that JavaScript would round stays what it is', () => {
    const json = JSON.stringify(
      config(API, [{ ...TO_API, metadata: { filter_metadata: { x: { y: 0 } } } }]),
    ).replace('"y":0', '"y":9007199254740993');
    const diverted = divertText(json, PLAN);
    expect(diverted.ok && diverted.value.text.match(/9007199254740993/g)).toHaveLength(2);
  });
});
