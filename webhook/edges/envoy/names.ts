import type { JsonObject } from '../../core/json.ts';
import type { Role } from '../../core/role.ts';
import type { UpstreamProtocol } from './upstream-protocol.ts';

/** Key under which everything that we add to an Envoy configuration says whose it is. */
const METADATA_KEY = 'shunt.wikimedia.org';

/** Of the cluster by which a target is asked; a protocol other than HTTP/1.1 has a cluster of its own. */
export function targetClusterName(
  diversion: string,
  role: Role,
  protocol: UpstreamProtocol = 'http1',
): string {
  return `shunt-${diversion}-${role}${protocol === 'http1' ? '' : `-${protocol}`}`;
}

/** Metadata that marks a route or cluster as ours, beside whatever metadata the original had. */
export function ownedMetadata(diversion: string, original: JsonObject = {}): JsonObject {
  const filterMetadata = (original['filter_metadata'] ?? original['filterMetadata'] ?? {}) as JsonObject;
  const { filterMetadata: _, ...rest } = original;
  return { ...rest, filter_metadata: { ...filterMetadata, [METADATA_KEY]: { diversion } } };
}

/** Whether a route or cluster was added for this diversion. */
export function isOwned(node: JsonObject, diversion: string): boolean {
  const metadata = node['metadata'] as JsonObject | undefined;
  const filterMetadata = metadata?.['filter_metadata'] as JsonObject | undefined;
  const own = filterMetadata?.[METADATA_KEY] as JsonObject | undefined;
  return own?.['diversion'] === diversion;
}
