import type { Json } from '../../core/json.ts';
import { typed } from './types.ts';

/*
 * The app spoke to the service without a proxy before. What Envoy would limit or change by default is set as wide as it
 * goes; docs/limits.md compares each with the direct path.
 */

/** The largest that Envoy takes. */
const MAX_HEADERS_KB = 8192;

/** So many lines fit into the largest headers. */
const MAX_HEADERS_COUNT = 100_000;
const UNLIMITED = 4_294_967_295;

/** HTTP/1.1 as the other side wrote it: the case of its header names, its reason phrases, its trailers. */
export const UNCHANGED_HTTP1: Record<string, Json> = {
  header_key_format: {
    stateful_formatter: {
      name: 'envoy.http.stateful_header_formatters.preserve_case',
      typed_config: typed('preserveCase', { forward_reason_phrase: true }),
    },
  },
  enable_trailers: true,
};

/** Of a connection manager: requests as large and as odd as the service itself may take. */
export function wideRequests(authority: string): Record<string, Json> {
  return {
    max_request_headers_kb: MAX_HEADERS_KB,
    common_http_protocol_options: { max_headers_count: MAX_HEADERS_COUNT, idle_timeout: '0s' },
    http_protocol_options: {
      ...UNCHANGED_HTTP1,
      allow_custom_methods: true,
      accept_http_10: true,
      default_host_for_http_10: authority,
      ignore_http_11_upgrade: [{ prefix: 'h2c' }, { prefix: 'TLS/' }],
    },
    proxy_100_continue: true,
    forward_client_cert_details: 'ALWAYS_FORWARD_ONLY',
    upgrade_configs: [{ upgrade_type: 'websocket' }],
  };
}

/** Of a cluster's protocol options: the headers of answers. */
export const WIDE_ANSWER_HEADERS: Record<string, Json> = {
  max_headers_count: MAX_HEADERS_COUNT,
  max_response_headers_kb: MAX_HEADERS_KB,
};

/** Envoy's own would hold back what is beyond 1,024 connections, requests, or waiting requests. */
export const NO_BREAKERS: Json = {
  thresholds: [
    {
      max_connections: UNLIMITED,
      max_pending_requests: UNLIMITED,
      max_requests: UNLIMITED,
      max_retries: UNLIMITED,
    },
  ],
};
