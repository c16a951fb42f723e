import type { JsonObject } from '../core/json.ts';
import type { Kube, KubeFailure } from './kube.ts';
import { listPage } from './list-page.ts';
import type { Resource } from './resources.ts';

/** Every object of a kind in all namespaces, each with the apiVersion and kind that lists leave out. */
export async function listAll(
  kube: Kube,
  resource: Resource,
  query: Readonly<Record<string, string>> = {},
): Promise<{ readonly ok: true; readonly items: readonly JsonObject[] } | KubeFailure> {
  const { apiVersion, kind } = resource;
  const items: JsonObject[] = [];
  let from = '';
  do {
    const page = await listPage(kube, { resource, query, from });
    if (!page.ok) return page;
    for (const object of page.items) items.push({ apiVersion, kind, ...object });
    from = page.next;
  } while (from !== '');
  return { ok: true, items };
}
