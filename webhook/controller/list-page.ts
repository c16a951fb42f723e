import { isObject, type JsonObject } from '../core/json.ts';
import type { Kube, KubeFailure } from './kube.ts';
import { collectionPath, type Resource } from './resources.ts';

/** Small enough that a page of pods is a few megabytes. */
const PAGE_SIZE = '250';

export interface ListRequest {
  readonly resource: Resource;
  /** Absent: all of them. */
  readonly namespace?: string | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Where the page before ended; empty for the first. */
  readonly from: string;
}

export interface Page {
  readonly ok: true;
  readonly items: readonly JsonObject[];
  /** Where the next page begins; empty after the last. */
  readonly next: string;
  /** Version of the collection, from which it can be watched. */
  readonly version: string;
}

/** Lists a kind of object, a page at a time. */
export async function listPage(kube: Kube, request: ListRequest): Promise<Page | KubeFailure> {
  const { resource, namespace, query, from } = request;
  const path = collectionPath(resource, namespace);
  const place = from === '' ? {} : { continue: from };
  const answer = await kube.send({ method: 'GET', path, query: { ...query, limit: PAGE_SIZE, ...place } });
  if (!answer.ok) return answer;
  const metadata = isObject(answer.body['metadata']) ? answer.body['metadata'] : {};
  return {
    ok: true,
    items: (answer.body['items'] ?? []) as readonly JsonObject[],
    next: String(metadata['continue'] ?? ''),
    version: String(metadata['resourceVersion'] ?? ''),
  };
}
