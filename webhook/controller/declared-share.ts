import { parseDocument } from 'yaml';
import { isObject, type JsonObject } from '../core/json.ts';
import { plan as makePlan } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { DIVERSION_FILE } from '../edges/pod-paths.ts';
import { parseDiversion } from '../spec/parse.ts';
import { type Kube, type KubeFailure, STATUS } from './kube.ts';
import { listAll } from './list-all.ts';
import { nameOf, objectPath, RESOURCES } from './resources.ts';

/** A release's diversion, as its ConfigMap holds it. */
export interface DeclaredDiversion {
  readonly namespace: string;
  readonly configMap: string;
  readonly text: string;
  readonly plan: Plan;
  /** Whether `enabled` is true; where it is not, the share has no effect. */
  readonly enabled: boolean;
  /** In percent, as written, whether or not it has an effect. */
  readonly share: number;
  /** Of the object, so that a change of others is never overwritten. */
  readonly version: string;
}

/** The ConfigMap of a release; those that pods mount have other names. */
const NAME = /-diversion$/;

/** The diversions that are declared in a namespace; those that are not valid are left out. */
export async function declaredDiversions(
  kube: Kube,
  namespace: string,
): Promise<readonly DeclaredDiversion[] | KubeFailure> {
  const answer = await listAll(kube, RESOURCES.configMap, { namespace });
  if (!answer.ok) return answer;
  return answer.items.flatMap((object) => {
    const declared = declaredIn(object, namespace);
    return declared ? [declared] : [];
  });
}

function declaredIn(object: JsonObject, namespace: string): DeclaredDiversion | undefined {
  const { name } = nameOf(object);
  const data = isObject(object['data']) ? object['data'] : {};
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const text = data[DIVERSION_FILE];
  if (!NAME.test(name) || typeof text !== 'string') return undefined;
  const parsed = parseDiversion(text);
  if (!parsed.ok) return undefined;
  const { enabled, share } = parsed.value;
  const version = String(metadata['resourceVersion'] ?? '');
  return { namespace, configMap: name, text, plan: makePlan(parsed.value), enabled, share, version };
}

/** The text of a diversion with another share; everything else of it stays. */
export function withShare(text: string, share: number): string {
  const document = parseDocument(text);
  document.setIn(['spec', 'share'], share);
  return document.toString({ lineWidth: 0 });
}

/** Writes the share, unless the ConfigMap was changed since it was read: then the failure is a conflict. */
export async function writeShare(
  kube: Kube,
  declared: DeclaredDiversion,
  share: number,
): Promise<{ readonly ok: true } | KubeFailure> {
  const { namespace, configMap, version, text } = declared;
  const answer = await kube.send({
    method: 'PATCH',
    path: objectPath(RESOURCES.configMap, configMap, namespace),
    contentType: 'application/merge-patch+json',
    body: { metadata: { resourceVersion: version }, data: { [DIVERSION_FILE]: withShare(text, share) } },
  });
  return answer.ok ? { ok: true } : answer;
}

export type ShareChange =
  | { readonly kind: 'changed' | 'unchanged' }
  /** Somebody else wrote this share meanwhile. */
  | { readonly kind: 'overtaken'; readonly by: number | undefined }
  | KubeFailure;

const MAX_TRIES = 5;

/** Writes the share over other people's changes of everything else, and never over their change of the share. */
export async function changeShare(kube: Kube, first: DeclaredDiversion, share: number): Promise<ShareChange> {
  if (first.share === share) return { kind: 'unchanged' };
  let declared: DeclaredDiversion | undefined = first;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (declared?.share !== first.share) return { kind: 'overtaken', by: declared?.share };
    const written = await writeShare(kube, declared, share);
    if (written.ok) return { kind: 'changed' };
    if (written.status !== STATUS.conflict) return written;
    const now = await declaredDiversions(kube, first.namespace);
    if ('status' in now) return now;
    declared = now.find(({ configMap }) => configMap === first.configMap);
  }
  const message = `the ConfigMap ${first.configMap} was changed ${MAX_TRIES} times by others meanwhile`;
  return { ok: false, status: STATUS.conflict, message };
}
