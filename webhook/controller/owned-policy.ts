import type { JsonObject } from '../core/json.ts';
import { digest } from '../edges/digest.ts';
import { policySpec } from './network-policy.ts';
import {
  apply,
  keyOf,
  type OwnedTask,
  ownMetadata,
  remove,
  tellRepair,
  type Wish,
  withoutWriting,
} from './owned.ts';
import { type PolicyRecord, policyRecord } from './records.ts';
import { RESOURCES } from './resources.ts';
import { selects } from './selector.ts';
import type { Outcome } from './work-queue.ts';

const RESOURCE = RESOURCES.networkPolicy;

/** The NetworkPolicy for a workload's pods; `isNewest` says that this replica is not behind another one. */
export async function reconcilePolicy(task: OwnedTask, wish: Wish, isNewest: boolean): Promise<Outcome> {
  const { cache, workload } = task;
  if (cache.policyMode === 'never') return 'done';
  const live = cache.policy(task.namespace, workload.name);
  const lost = live === undefined && cache.takeLost(RESOURCE, keyOf(task));
  const settled = await withoutWriting(task, RESOURCE, live, isCalledFor(task) ? wish : 'gone');
  if (settled !== undefined) return settled;
  const spec = policySpec(workload.workload, workload.egress);
  if (live?.digest === digest(spec) && live.mark.owner !== undefined) return 'done';
  const isIntact = live !== undefined && live.revision === live.digest;
  // Another replica's, and this one is behind.
  if (isIntact && !isNewest) return 'done';
  const now = await write(task, spec, live);
  if (now === undefined) return 'failed';
  if (lost || (live !== undefined && !isIntact)) await tellRepair(task, RESOURCE, now);
  return 'done';
}

async function write(
  task: OwnedTask,
  spec: JsonObject,
  live: PolicyRecord | undefined,
): Promise<JsonObject | undefined> {
  const { apiVersion, kind } = RESOURCE;
  const metadata = ownMetadata(task, task.workload.workload, digest(spec));
  const object = { apiVersion, kind, metadata, spec };
  const now = await apply(task, RESOURCE, object, live);
  if (now === undefined || digest(now['spec']) === digest(spec)) return now;
  // Server-side apply keeps what others added, which may allow anything.
  const widened = policyRecord(now);
  return (await remove(task, RESOURCE, widened.uid)) ? apply(task, RESOURCE, object, undefined) : undefined;
}

/** Whether the pods need it: under `auto` once other policies restrict them all; with no pod yet, any such pod. */
function isCalledFor({ cache, namespace, workload }: OwnedTask): boolean {
  if (cache.policyMode === 'always') return true;
  const others = cache.restrictingPolicies(namespace, workload.name);
  const { labels } = workload.workload;
  const pods = cache
    .podsIn(namespace)
    .filter(({ pod }) => selects({ matchLabels: labels }, pod.metadata?.labels ?? {}));
  const samples = pods.length > 0 ? pods.map(({ pod }) => pod.metadata?.labels ?? {}) : [labels];
  return samples.every((sample) => others.some(({ selector }) => selects(selector, sample)));
}
