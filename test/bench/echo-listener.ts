import type { Json } from '../../webhook/core/json.ts';

/** An abstract socket, which needs no folder. */
const ECHO_ADDRESS: Json = { pipe: { path: '@shunt-bench-echo' } };

const HCM =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';

/** A cluster of that name whose requests are answered from within the same Envoy, so that nothing but it is measured. */
export function echoCluster(name: string): Json {
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: ECHO_ADDRESS } }] }];
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, endpoints },
  };
}

/** What answers them. */
export const ECHO: Json = {
  name: 'echo',
  address: ECHO_ADDRESS,
  filter_chains: [
    {
      filters: [
        {
          name: 'http',
          typed_config: {
            '@type': HCM,
            stat_prefix: 'echo',
            route_config: {
              virtual_hosts: [
                {
                  name: 'echo',
                  domains: ['*'],
                  routes: [{ match: { prefix: '/' }, direct_response: { status: 200 } }],
                },
              ],
            },
            http_filters: [{ name: 'router', typed_config: { '@type': ROUTER } }],
          },
        },
      ],
    },
  ],
};
