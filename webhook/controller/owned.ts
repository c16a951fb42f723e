import type { JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { workloadConfigMap } from '../inject/config-map.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { noteRepair, type Subject, sendEvent, subjectOf } from './events.ts';
import { type KubeFailure, STATUS } from './kube.ts';
import { type Belonging, belonging, type Mark, OWNER_ANNOTATION } from './mark.ts';
import type { RenderedWorkload } from './rendered.ts';
import { applyRequest, collectionPath, objectPath, type Resource } from './resources.ts';
import type { Outcome } from './work-queue.ts';

/** What is ours in one namespace for one workload; all of it has the name of the workload's ConfigMap. */
export interface OwnedTask {
  readonly context: Context;
  readonly cache: ClusterCache;
  /** `NAMESPACE/NAME` of the release. */
  readonly release: string;
  readonly confirm: (sinceMs: number) => Promise<boolean>;
  readonly namespace: string;
  readonly workload: RenderedWorkload;
}

/**
 * `made`: it must be there. `kept`: pods still read it, so it follows the diversion, and is not made anew. `gone`: no
 * pod needs it.
 */
export type Wish = 'made' | 'kept' | 'gone';

/** What is there now under a name of ours. */
export interface Live {
  readonly uid: string;
  readonly mark: Mark;
}

export function keyOf({ namespace, workload }: OwnedTask): string {
  return `${namespace}/${workload.name}`;
}

/** Whose an object is that has a name of ours. */
function belongingOf({ cache, release }: OwnedTask, { mark }: Live): Belonging {
  return belonging(mark, cache.plan.diversion, release);
}

/** Handles what needs no writing; undefined when it must be written, or is right already. */
export async function withoutWriting(
  task: OwnedTask,
  resource: Resource,
  live: Live | undefined,
  wish: Wish,
): Promise<Outcome | undefined> {
  if (!live) return wish === 'made' ? undefined : 'done';
  const whose = belongingOf(task, live);
  if (whose !== 'ours') {
    if (wish === 'made') await leaveAlone(task, resource, live, whose);
    return 'done';
  }
  if (wish !== 'gone') return undefined;
  return (await remove(task, resource, live.uid)) ? 'done' : 'failed';
}

/** The metadata of what is ours for a workload, with its mark. */
export function ownMetadata(
  { cache, namespace, release }: OwnedTask,
  workload: PlannedWorkload,
  revision: string,
): JsonObject {
  const { metadata } = workloadConfigMap(cache.plan, workload, namespace, {});
  return {
    ...(metadata as JsonObject),
    annotations: { [ANNOTATIONS.revision]: revision, [OWNER_ANNOTATION]: release },
  };
}

/** Applies the object; gives it as it is now, or undefined when that failed. */
export async function apply(
  task: OwnedTask,
  resource: Resource,
  object: JsonObject,
  live: Live | undefined,
): Promise<JsonObject | undefined> {
  const { context } = task;
  if (!live && !(await isFree(task, resource))) return undefined;
  let answer = await context.kube.send(applyRequest(resource, held(object, live)));
  if (!answer.ok && answer.status === STATUS.invalid && live) {
    // It was made unchangeable, for instance immutable.
    if (!(await remove(task, resource, live.uid))) return undefined;
    answer = await context.kube.send(applyRequest(resource, object));
  }
  if (!answer.ok) {
    await unwritten(task, resource, answer, live);
    return undefined;
  }
  task.cache.block(resource, keyOf(task), undefined);
  context.metrics.writes.inc({ kind: resource.kind });
  return answer.body;
}

/** Limits a write to the object that was looked at; one that has replaced it since is judged anew. */
function held(object: JsonObject, live: Live | undefined): JsonObject {
  if (!live) return object;
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), uid: live.uid } };
}

/** Whether the name is still free: a watch may be behind, and applying would change what was just created. */
async function isFree(task: OwnedTask, resource: Resource): Promise<boolean> {
  const { context, namespace, workload } = task;
  const found = await context.kube.send({
    method: 'GET',
    path: collectionPath(resource, namespace),
    query: { fieldSelector: `metadata.name=${workload.name}` },
  });
  if (!found.ok) return failed(context, resource, namespace, found);
  const items = found.body['items'];
  return !Array.isArray(items) || items.length === 0;
}

/** Says why something could not be written: in the log, as an event, and to the pods that wait for it. */
async function unwritten(
  task: OwnedTask,
  resource: Resource,
  failure: KubeFailure,
  live: Live | undefined,
): Promise<void> {
  const { context, cache, namespace, workload } = task;
  failed(context, resource, namespace, failure);
  // An API server that is away or busy says nothing about the object.
  if (!REFUSALS.includes(failure.status)) return;
  const message = `The ${resource.kind} ${workload.name} cannot be written: ${failure.message}`;
  if (!cache.block(resource, keyOf(task), message)) return;
  await sendEvent(context, subjectAt(task, resource, live), {
    type: 'Warning',
    reason: 'NotWritten',
    message,
  });
}

const REFUSALS: readonly number[] = [STATUS.forbidden, STATUS.invalid];

function subjectAt({ namespace, workload }: OwnedTask, resource: Resource, live: Live | undefined): Subject {
  return { resource, name: workload.name, namespace, ...(live ? { uid: live.uid } : {}) };
}

/** Says that a name of ours is taken by something that is not ours, and what to do; nothing is done to it. */
async function leaveAlone(
  task: OwnedTask,
  resource: Resource,
  live: Live,
  whose: Exclude<Belonging, 'ours'>,
): Promise<void> {
  const { context, cache, namespace, workload } = task;
  const { kind } = resource;
  const what =
    whose === 'foreign'
      ? `is not marked as kept by pretrain-shunt. Remove it or give it another name: kubectl -n ${namespace} delete ${kind.toLowerCase()} ${workload.name}`
      : `is kept by the release ${live.mark.owner}. Uninstall one of the two releases, or if that one is gone, hand it over: kubectl -n ${namespace} annotate ${kind.toLowerCase()} ${workload.name} ${OWNER_ANNOTATION}-`;
  const message = `The ${kind} ${workload.name} is left alone: it ${what}.`;
  if (!cache.block(resource, keyOf(task), message)) return;
  context.metrics.conflicts.inc({ kind, whose });
  context.log.error({ kind, namespace, name: workload.name, whose }, message);
  await sendEvent(context, subjectAt(task, resource, live), { type: 'Warning', reason: 'NotOurs', message });
}

/** Gives whether it is gone, or another is in its place: another replica may have made a new one. */
export async function remove(
  { context, namespace, workload }: OwnedTask,
  resource: Resource,
  uid: string,
): Promise<boolean> {
  const path = objectPath(resource, workload.name, namespace);
  const body = { preconditions: { uid } };
  const answer = await context.kube.send({ method: 'DELETE', path, body });
  if (answer.ok || answer.status === STATUS.notFound || answer.status === STATUS.conflict) return true;
  return failed(context, resource, namespace, answer);
}

const REPAIRED =
  'This had been changed or deleted by others; it is again as the diversion declares. Change the diversion instead.';

export function tellRepair({ context }: OwnedTask, resource: Resource, now: JsonObject): Promise<void> {
  return noteRepair(context, subjectOf(resource, now), REPAIRED);
}

/** Logs and counts a failure; always false. */
export function failed(
  { log, metrics }: Context,
  { kind }: Resource,
  namespace: string,
  { status, message }: KubeFailure,
): false {
  metrics.failures.inc({ kind });
  log.error({ kind, namespace, status }, message);
  return false;
}
