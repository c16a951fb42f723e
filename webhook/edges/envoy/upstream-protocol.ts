import type { Json, JsonObject } from '../../core/json.ts';
import { field, objectField } from './fields.ts';
import { UNCHANGED_HTTP1 } from './limits.ts';
import { HTTP_PROTOCOL_OPTIONS } from './types.ts';

/** The protocols in which a target can be asked: one, that of each request, or the one that TLS agrees on (ALPN). */
export const UPSTREAM_PROTOCOLS = ['http1', 'http2', 'downstream', 'auto'] as const;
export type UpstreamProtocol = (typeof UPSTREAM_PROTOCOLS)[number];

/** The name and the number of the former way to ask in the protocol of the request. */
const SAME_AS_DOWNSTREAM = new Set(['USE_DOWNSTREAM_PROTOCOL', '1']);

/** The protocol in which a cluster asks its endpoints, by its current and by its former options. */
export function protocolOf(cluster: Json): UpstreamProtocol | 'http3' {
  const given = objectField(objectField(cluster, 'typed_extension_protocol_options'), HTTP_PROTOCOL_OPTIONS);
  const options = objectField(given, 'value') ?? given;
  const explicit = objectField(options, 'explicit_http_config');
  if (field(explicit, 'http3_protocol_options') !== undefined) return 'http3';
  if (field(explicit, 'http2_protocol_options') !== undefined) return 'http2';
  if (field(options, 'use_downstream_protocol_config') !== undefined) return 'downstream';
  if (field(options, 'auto_config') !== undefined) return 'auto';
  if (options !== undefined) return 'http1';
  if (SAME_AS_DOWNSTREAM.has(String(field(cluster, 'protocol_selection')))) return 'downstream';
  return field(cluster, 'http2_protocol_options') === undefined ? 'http1' : 'http2';
}

/** The part of a cluster's protocol options that chooses the protocol. */
export function protocolOptions(protocol: UpstreamProtocol): JsonObject {
  const http1 = { http_protocol_options: UNCHANGED_HTTP1 };
  const both = { ...http1, http2_protocol_options: {} };
  switch (protocol) {
    case 'http1':
      return { explicit_http_config: http1 };
    case 'http2':
      return { explicit_http_config: { http2_protocol_options: {} } };
    case 'downstream':
      return { use_downstream_protocol_config: both };
    case 'auto':
      return { auto_config: both };
  }
}

/** What TLS offers to the peer; for a protocol that each request decides Envoy fills it in by itself. */
export function offeredProtocols(protocol: UpstreamProtocol): JsonObject {
  if (protocol === 'http2') return { alpn_protocols: ['h2'] };
  return protocol === 'auto' ? { alpn_protocols: ['h2', 'http/1.1'] } : {};
}
