import { formatSeconds, type Milliseconds } from '../../core/duration.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { NO_BREAKERS, WIDE_ANSWER_HEADERS } from './limits.ts';
import { HTTP_PROTOCOL_OPTIONS, typed } from './types.ts';
import { offeredProtocols, protocolOptions, type UpstreamProtocol } from './upstream-protocol.ts';

/** A peer that is reached over TLS under a verified name. */
export interface TlsPeer {
  readonly address: string;
  readonly port: number;
  readonly sni: string;
  /** Read when Envoy starts: it refuses a configuration whose file is absent. */
  readonly caFile: string;
  /** Where the authorities are subscribed to instead of being read at the start. */
  readonly authoritiesSecret?: JsonObject | undefined;
  readonly certificateNames: readonly string[];
  readonly connectTimeout: Milliseconds;
  readonly idleTimeout: Milliseconds;
  /** Absent: HTTP/1.1. */
  readonly protocol?: UpstreamProtocol;
}

/** Behind a load balancer a connection must not live for ever, or a new backend would see no traffic. */
const MAX_REQUESTS_PER_CONNECTION = 1000;

/**
 * A cluster with exactly one peer, an explicit SNI and verified names. Pools belong to a cluster,
 * so no connection that was opened for one SNI is ever used for another.
 */
export function tlsCluster(name: string, peer: TlsPeer, httpFilters: readonly Json[] = []): JsonObject {
  return {
    name,
    type: 'STRICT_DNS',
    dns_lookup_family: 'V4_PREFERRED',
    connect_timeout: formatSeconds(peer.connectTimeout),
    circuit_breakers: NO_BREAKERS,
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: [
            { endpoint: { address: { socket_address: { address: peer.address, port_value: peer.port } } } },
          ],
        },
      ],
    },
    typed_extension_protocol_options: {
      [HTTP_PROTOCOL_OPTIONS]: typed('httpProtocolOptions', {
        ...protocolOptions(peer.protocol ?? 'http1'),
        common_http_protocol_options: {
          idle_timeout: formatSeconds(peer.idleTimeout),
          max_requests_per_connection: MAX_REQUESTS_PER_CONNECTION,
          ...WIDE_ANSWER_HEADERS,
        },
        ...(httpFilters.length > 0 ? { http_filters: [...httpFilters, upstreamCodec] } : {}),
      }),
    },
    transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: tlsContext(peer) },
  };
}

const upstreamCodec: Json = {
  name: 'envoy.filters.http.upstream_codec',
  typed_config: typed('upstreamCodec'),
};

function tlsContext(peer: TlsPeer): Json {
  return typed('upstreamTls', {
    sni: peer.sni,
    common_tls_context: {
      // Unless told, Envoy offers servers nothing newer than 1.2.
      tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
      ...offeredProtocols(peer.protocol ?? 'http1'),
      ...validation(peer),
    },
  });
}

/** Wherever the authorities come from, the names are verified as the cluster says. */
function validation({ caFile, authoritiesSecret, certificateNames }: TlsPeer): JsonObject {
  const names = {
    match_typed_subject_alt_names: certificateNames.map((exact) => ({ san_type: 'DNS', matcher: { exact } })),
  };
  if (!authoritiesSecret) return { validation_context: { trusted_ca: { filename: caFile }, ...names } };
  return {
    combined_validation_context: {
      default_validation_context: names,
      validation_context_sds_secret_config: authoritiesSecret,
    },
  };
}
