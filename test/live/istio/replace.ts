import type { JsonObject } from '../../../webhook/core/json.ts';
import type { ApiServer } from '../../cluster/api-server.ts';
import { apply, run } from './api.ts';

/** Puts objects in the place of others; what is in both is changed. */
export async function replace(
  api: ApiServer,
  before: readonly JsonObject[],
  after: readonly JsonObject[],
): Promise<void> {
  await apply(api, after);
  const kept = new Set(after.map(identity));
  for (const object of before.filter((old) => !kept.has(identity(old)))) {
    const { resource, name, namespace } = partsOf(object);
    // One without a name was never taken.
    if (name === '') continue;
    await run(api, ['delete', '--ignore-not-found', resource, name, `--namespace=${namespace}`]).catch(
      unlessUnknown,
    );
  }
}

/** Of a kind that the API server does not have there can be no object. */
function unlessUnknown(error: unknown): void {
  if (!/doesn't have a resource type/.test(String(error))) throw error;
}

function identity(object: JsonObject): string {
  const { resource, name, namespace } = partsOf(object);
  return `${resource}/${namespace}/${name}`;
}

/** A kind alone would not do: Gateways are there of Istio and of the Gateway API. */
function partsOf({ kind, apiVersion, metadata }: JsonObject) {
  const { name = '', namespace = 'default' } = (metadata ?? {}) as { name?: string; namespace?: string };
  const [group, version] = String(apiVersion).split('/');
  return { resource: `${String(kind)}.${version ?? ''}.${group ?? ''}`, name, namespace };
}
