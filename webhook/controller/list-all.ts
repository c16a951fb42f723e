import type { JsonObject } from '../core/json.ts';
import type { Kube, KubeFailure } from './kube.ts';
import { collectionPath, type Resource } from './resources.ts';

const PAGE_SIZE = '250';

/** Every object of a kind in all namespaces, each with the apiVersion and kind that lists leave out. */
export async function listAll(
  kube: Kube,
  { apiVersion, kind, plural }: Resource,
  query: Readonly<Record<string, string>> = {},
): Promise<{ readonly ok: true; readonly items: readonly JsonObject[] } | KubeFailure> {
  const items: JsonObject[] = [];
  let next = '';
  do {
    const page = { ...query, limit: PAGE_SIZE, ...(next === '' ? {} : { continue: next }) };
    const path = collectionPath({ apiVersion, kind, plural });
    const answer = await kube.send({ method: 'GET', path, query: page });
    if (!answer.ok) return answer;
    for (const object of (answer.body['items'] ?? []) as readonly JsonObject[])
      items.push({ apiVersion, kind, ...object });
    next = String((answer.body['metadata'] as JsonObject | undefined)?.['continue'] ?? '');
  } while (next !== '');
  return { ok: true, items };
}
