import type { JsonObject } from '../core/json.ts';
import type { Kube, KubeFailure } from './kube.ts';
import { listPage } from './list-page.ts';
import type { Resource } from './resources.ts';

export interface Listed {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Every object of a kind, each with the apiVersion and kind that lists leave out. */
export async function listAll(
  kube: Kube,
  resource: Resource,
  listed: Listed = {},
): Promise<{ readonly ok: true; readonly items: readonly JsonObject[] } | KubeFailure> {
  const { apiVersion, kind } = resource;
  const items: JsonObject[] = [];
  let from = '';
  do {
    const page = await listPage(kube, { resource, ...listed, from });
    if (!page.ok) return page;
    for (const object of page.items) items.push({ apiVersion, kind, ...object });
    from = page.next;
  } while (from !== '');
  return { ok: true, items };
}
