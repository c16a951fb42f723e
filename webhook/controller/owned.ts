import type { JsonObject } from '../core/json.ts';
import type { Context } from './context.ts';
import { noteRepair, subjectOf } from './events.ts';
import { type KubeFailure, STATUS } from './kube.ts';
import type { Picture } from './picture.ts';
import type { RenderedWorkload } from './rendered.ts';
import { applyRequest, objectPath, type Resource } from './resources.ts';

/** What is ours in one namespace for one workload; all of it has the name of the workload's ConfigMap. */
export interface OwnedTask {
  readonly context: Context;
  readonly picture: Picture;
  readonly confirm: (sinceMs: number) => Promise<boolean>;
  readonly namespace: string;
  readonly workload: RenderedWorkload;
}

export function keyOf({ namespace, workload }: OwnedTask): string {
  return `${namespace}/${workload.name}`;
}

/** Makes it so; gives what is there now, or undefined when that failed. */
export async function apply(
  task: OwnedTask,
  resource: Resource,
  object: JsonObject,
): Promise<JsonObject | undefined> {
  const { context, namespace } = task;
  let answer = await context.kube.send(applyRequest(resource, object));
  if (!answer.ok && answer.status === STATUS.invalid) {
    // Somebody made it such that it cannot be changed into what it should be: immutable, for one.
    if (!(await remove(task, resource))) return undefined;
    answer = await context.kube.send(applyRequest(resource, object));
  }
  if (!answer.ok) {
    failed(context, resource, namespace, answer);
    return undefined;
  }
  context.metrics.writes.inc({ kind: resource.kind });
  return answer.body;
}

/** Gives whether it is gone, or with a uid, whether that one is: another replica may have made a new one. */
export async function remove(
  { context, namespace, workload }: OwnedTask,
  resource: Resource,
  uid?: string,
): Promise<boolean> {
  const path = objectPath(resource, workload.name, namespace);
  const body = uid === undefined ? {} : { preconditions: { uid } };
  const answer = await context.kube.send({ method: 'DELETE', path, body });
  if (answer.ok || answer.status === STATUS.notFound || answer.status === STATUS.conflict) return true;
  return failed(context, resource, namespace, answer);
}

const REPAIRED =
  'Somebody else had changed or deleted this; it is as the diversion declares again. Change the diversion instead.';

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
