import { isObject, type JsonObject } from '../core/json.ts';
import { type Authorities, readAuthorities } from './authorities.ts';
import type { Context } from './context.ts';
import { collectionPath, RESOURCES } from './resources.ts';

export interface FormerSecret {
  readonly namespace: string;
  readonly formerSecret?: string;
}

/** The authority that the first version of the program kept; `unknown` when the API server does not say. */
export async function readFormer(
  { kube, log, nowMs }: Context,
  { namespace, formerSecret }: FormerSecret,
): Promise<Authorities | 'unknown' | undefined> {
  if (formerSecret === undefined) return undefined;
  const answer = await kube.send({
    method: 'GET',
    path: collectionPath(RESOURCES.secret, namespace),
    query: { fieldSelector: `metadata.name=${formerSecret}` },
  });
  if (!answer.ok) {
    log.error({ kind: 'Secret', namespace, name: formerSecret, status: answer.status }, answer.message);
    return 'unknown';
  }
  const [secret] = (answer.body['items'] ?? []) as readonly JsonObject[];
  const found = secret && isObject(secret['data']) ? readAuthorities(secret['data'], nowMs()) : undefined;
  if (found) log.info({ namespace, name: formerSecret }, 'the authority of an earlier version is taken over');
  return found;
}
