import type { SidecarSettings } from '../../core/diversion.ts';
import { formatSeconds } from '../../core/duration.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Listener, PlannedUpstream } from '../../core/plan.ts';
import { RETRY_HEADERS, TIMEOUT_HEADERS } from '../caller-headers.ts';
import { adminPage } from './admin.ts';
import { egressStatistics } from './in-force.ts';
import { wideRequests } from './limits.ts';
import { READY_PATH } from './readiness.ts';
import { typed } from './types.ts';

const HTTPS_PORT = 443;

/** The app spoke to the service without a proxy before, so the sidecar must not begin to obey these. */
const CALLER_CONTROLS = [...RETRY_HEADERS, ...TIMEOUT_HEADERS];

export const router: Json = {
  name: 'envoy.filters.http.router',
  typed_config: typed('router', { suppress_envoy_headers: true }),
};

export const accessLog: Json = {
  name: 'envoy.access_loggers.stdout',
  filter: { response_flag_filter: {} },
  typed_config: typed('accessLog', {
    log_format: {
      json_format: {
        time: '%START_TIME%',
        method: '%REQ(:METHOD)%',
        authority: '%REQ(:AUTHORITY)%',
        path: '%REQ(:PATH)%',
        status: '%RESPONSE_CODE%',
        flags: '%RESPONSE_FLAGS%',
        details: '%RESPONSE_CODE_DETAILS%',
        duration_ms: '%DURATION%',
        cluster: '%UPSTREAM_CLUSTER%',
        upstream: '%UPSTREAM_HOST%',
      },
    },
  }),
};

/** Takes them away before a route is chosen. */
export const withoutCallerControls: Json = {
  name: 'envoy.http.early_header_mutation.header_mutation',
  typed_config: typed('earlyHeaderMutation', { mutations: CALLER_CONTROLS.map((remove) => ({ remove })) }),
};

/** A listener on loopback that routes everything to one upstream, with as few settings of its own as possible. */
export function egressListener({ port, upstream }: Listener): JsonObject {
  return httpListener(upstream.name, '127.0.0.1', port, {
    stat_prefix: egressStatistics(upstream.name),
    generate_request_id: false,
    server_header_transformation: 'PASS_THROUGH',
    skip_xff_append: true,
    stream_idle_timeout: '0s',
    ...wideRequests(ownAuthority(upstream)),
    early_header_mutation_extensions: [withoutCallerControls],
    access_log: [accessLog],
    http_filters: [router],
    route_config: routeConfig(upstream),
  });
}

function routeConfig(upstream: PlannedUpstream): Json {
  return {
    name: upstream.name,
    ...forwardedProto(upstream),
    virtual_hosts: [
      {
        name: upstream.name,
        domains: ['*'],
        routes: [{ name: upstream.name, match: { prefix: '/' }, route: toUpstream(upstream) }],
      },
    ],
  };
}

function toUpstream(upstream: PlannedUpstream): Record<string, Json> {
  const timeout = formatSeconds(upstream.timeout);
  return { cluster: upstream.name, timeout, idle_timeout: timeout, ...retryPolicy(upstream) };
}

/** What a caller that names no host sends to the service itself. */
function ownAuthority({ addresses: [address = ''], port }: PlannedUpstream): string {
  const name = address.includes(':') ? `[${address}]` : address;
  return port === HTTPS_PORT ? name : `${name}:${port}`;
}

/**
 * A caller that names no host sends the address that it calls, which is the listener's own since its calls were
 * captured. It names no wiki, so it is not diverted, and the service sees the name that it saw before.
 */
export function withoutHost({ port, upstream }: Listener): Json {
  const regex = `(?i)(?:(?:[a-z0-9_-]+\\.)*localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\]):${port}`;
  const headers = [{ name: ':authority', string_match: { safe_regex: { regex } } }];
  return {
    name: `${upstream.name} without a host`,
    match: { prefix: '/', headers },
    route: { ...toUpstream(upstream), host_rewrite_literal: ownAuthority(upstream) },
  };
}

/** Envoy itself adds the header, with the scheme of the loopback hop, which the upstream must not see. */
function forwardedProto({ xForwardedProto }: PlannedUpstream): Record<string, Json> {
  if (xForwardedProto === undefined) return { request_headers_to_remove: ['x-forwarded-proto'] };
  const header = { key: 'x-forwarded-proto', value: xForwardedProto };
  return { request_headers_to_add: [{ header, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }] };
}

function retryPolicy({ retries }: PlannedUpstream): Record<string, Json> {
  return retries > 0 ? { retry_policy: { retry_on: '5xx', num_retries: retries } } : {};
}

/** How a telemetry listener answers the probe, and what it answers besides. */
interface Telemetry {
  readonly routes: readonly Json[];
  readonly filters: readonly Json[];
}

const PLAIN: Telemetry = { routes: [adminPage(READY_PATH, '/ready')], filters: [] };

/** Health, metrics and the given pages, and nothing else of the admin interface, for kubelet, Prometheus and the controller. */
export function telemetryListener(
  { telemetryAddress, telemetryPort }: Pick<SidecarSettings, 'telemetryAddress' | 'telemetryPort'>,
  { routes, filters } = PLAIN,
): JsonObject {
  const listener = httpListener('telemetry', telemetryAddress, telemetryPort, {
    stat_prefix: 'telemetry',
    http_filters: [...filters, router],
    route_config: {
      name: 'telemetry',
      virtual_hosts: [
        {
          name: 'telemetry',
          domains: ['*'],
          routes: [
            ...routes,
            adminPage('/metrics', '/stats/prometheus'),
            adminPage('/stats/prometheus', '/stats/prometheus'),
            { match: { prefix: '/' }, direct_response: { status: 404 } },
          ],
        },
      ],
    },
  });
  return { ...listener, ignore_global_conn_limit: true };
}

/** A listener for HTTP with this connection manager. */
export function httpListener(
  name: string,
  address: string,
  port: number,
  manager: Record<string, Json>,
): JsonObject {
  const connectionManager = {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: typed('hcm', manager),
  };
  return {
    name,
    address: { socket_address: { address, port_value: port, ...bothFamilies(address) } },
    filter_chains: [{ filters: [connectionManager] }],
  };
}

/** Envoy opens an IPv6 address for IPv6 alone, unless it is told. */
function bothFamilies(address: string): JsonObject {
  return address === '::' ? { ipv4_compat: true } : {};
}
