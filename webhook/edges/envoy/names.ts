import type { JsonObject } from '../../core/json.ts';
import type { Role } from '../../core/role.ts';

/** Key under which everything that we add to an Envoy configuration says whose it is. */
const METADATA_KEY = 'shunt.wikimedia.org';

export function targetClusterName(diversion: string, role: Role): string {
  return `shunt-${diversion}-${role}`;
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
