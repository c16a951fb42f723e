import type { Target } from '../../core/diversion.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { ownedMetadata, targetClusterName } from './names.ts';
import { type AuthoritiesFrom, authoritiesSecret } from './target-authorities.ts';
import { type TlsPeer, tlsCluster } from './tls-cluster.ts';
import { typed } from './types.ts';
import type { UpstreamProtocol } from './upstream-protocol.ts';

/**
 * Runs in the filter chain of the target's own cluster, so no other request ever passes it. A fixed text:
 * neither hosts nor anything else of the diversion is pasted into it. It must agree with `hostOf`.
 */
const CANONICAL_AUTHORITY = `function envoy_on_request(handle)
  local headers = handle:headers()
  local authority = headers:get(":authority")
  if authority then
    local canonical = authority:gsub(":%d*$", ""):gsub("%.$", ""):lower()
    if canonical ~= authority then
      headers:replace(":authority", canonical)
    end
  end
end
`;

const canonicalAuthority: Json = {
  name: 'shunt.canonical_authority',
  typed_config: typed('lua', { default_source_code: { inline_string: CANONICAL_AUTHORITY } }),
};

/** How the cluster of a target differs from proxy to proxy. */
export interface ClusterApart {
  readonly authorities: AuthoritiesFrom;
  readonly protocol: UpstreamProtocol;
}

/**
 * The cluster of a target in a proxy that serves other hosts too: Envoy does not wait for its name to be looked up.
 * Until then its own requests fail; a proxy that waited would open no listener while a resolver is silent.
 */
export function targetClusterApart(
  diversion: string,
  target: Target,
  { authorities, protocol }: ClusterApart,
): JsonObject {
  const secret = authorities === 'folder' ? authoritiesSecret(diversion, target.role) : undefined;
  const peer = { ...target, authoritiesSecret: secret, protocol };
  return { ...targetCluster(diversion, peer), wait_for_warm_on_init: false };
}

/** The cluster that diverted requests of one role go to. */
export function targetCluster(diversion: string, target: Target & TlsPeer): JsonObject {
  const filters = target.authority === 'preserve' ? [canonicalAuthority] : [];
  const name = targetClusterName(diversion, target.role, target.protocol);
  const cluster = tlsCluster(name, target, filters);
  return { ...cluster, metadata: ownedMetadata(diversion) };
}
