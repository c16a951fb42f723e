import { milliseconds } from '../core/duration.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { digest } from '../edges/digest.ts';
import { STATUS } from './kube.ts';
import {
  apply,
  failed,
  keyOf,
  type OwnedTask,
  ownMetadata,
  tellRepair,
  type Wish,
  withoutWriting,
} from './owned.ts';
import type { ConfigMapRecord } from './records.ts';
import { objectPath, RESOURCES } from './resources.ts';
import type { Outcome } from './work-queue.ts';

const RESOURCE = RESOURCES.configMap;
/** While an upgrade runs, replicas of two versions must not overwrite each other in turns. */
const OTHERS_KEEP_MS = 60_000;

/** The ConfigMap that a workload's pods mount; returns `done` when it matches what this replica rendered. */
export async function reconcileConfigMap(task: OwnedTask, wish: Wish): Promise<Outcome> {
  const { cache, workload } = task;
  const live = cache.configMap(task.namespace, workload.name);
  const lost = live === undefined && cache.takeLost(RESOURCE, keyOf(task));
  const settled = await withoutWriting(task, RESOURCE, live, wish);
  if (settled !== undefined) return settled;
  const isRight = live?.digest === workload.revision && live.revision === workload.revision;
  if (isRight && live.mark.owner !== undefined) return 'done';
  const isIntact = live !== undefined && live.revision === live.digest;
  const instead = isIntact && !isRight ? await giveWay(task, live) : undefined;
  if (instead !== undefined) return instead;
  const now = await write(task, live);
  if (now === undefined) return 'failed';
  if (lost || (live !== undefined && !isIntact)) await tellRepair(task, RESOURCE, now);
  return 'done';
}

/** A replica that is behind does not overwrite what a newer one wrote; undefined when this one is the newer. */
async function giveWay(task: OwnedTask, live: ConfigMapRecord): Promise<Outcome | undefined> {
  const { context, cache, confirm } = task;
  const { rendered } = cache;
  if (live.source === digest(rendered?.text)) {
    const leftMs = live.seenMs + OTHERS_KEEP_MS - context.nowMs();
    return leftMs > 0 ? { againIn: milliseconds(leftMs) } : undefined;
  }
  if (!(await confirm(live.seenMs))) return 'failed';
  // A newer diversion that was just read brings everything up again.
  return cache.rendered === rendered ? undefined : 'done';
}

async function write(task: OwnedTask, live: ConfigMapRecord | undefined): Promise<JsonObject | undefined> {
  const { workload } = task;
  const { apiVersion, kind } = RESOURCE;
  const metadata = ownMetadata(task, workload.workload, workload.revision);
  const now = await apply(task, RESOURCE, { apiVersion, kind, metadata, data: { ...workload.data } }, live);
  return now !== undefined && (await dropForeign(task, now)) ? now : undefined;
}

/** Server-side apply keeps keys that others added. */
async function dropForeign(
  { context, namespace, workload }: OwnedTask,
  { data, binaryData }: JsonObject,
): Promise<boolean> {
  const foreign = Object.keys(isObject(data) ? data : {}).filter((key) => !Object.hasOwn(workload.data, key));
  if (foreign.length === 0 && binaryData === undefined) return true;
  const answer = await context.kube.send({
    method: 'PATCH',
    path: objectPath(RESOURCE, workload.name, namespace),
    contentType: 'application/merge-patch+json',
    body: { data: Object.fromEntries(foreign.map((key) => [key, null])), binaryData: null },
  });
  return answer.ok || answer.status === STATUS.notFound || failed(context, RESOURCE, namespace, answer);
}
