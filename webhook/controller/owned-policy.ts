import type { JsonObject } from '../core/json.ts';
import { workloadConfigMap } from '../inject/config-map.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import { subjectOf } from './events.ts';
import { policySpec } from './network-policy.ts';
import { apply, keyOf, type OwnedTask, remove, tellRepair } from './owned.ts';
import { digest } from './rendered.ts';
import { RESOURCES } from './resources.ts';
import { selects } from './selector.ts';
import type { Outcome } from './work-queue.ts';

const RESOURCE = RESOURCES.networkPolicy;

/** The NetworkPolicy for a workload's pods; `leads` says that the ConfigMap beside it is this replica's. */
export async function reconcilePolicy(task: OwnedTask, wanted: boolean, leads: boolean): Promise<Outcome> {
  const { picture, workload } = task;
  if (picture.policyMode === 'never') return 'done';
  const live = picture.policies.get(keyOf(task));
  const lost = live === undefined && picture.takeLost(RESOURCE, keyOf(task));
  if (!wanted || !isCalledFor(task)) {
    return live === undefined || (await remove(task, RESOURCE)) ? 'done' : 'failed';
  }
  const spec = policySpec(workload.workload, workload.egress);
  if (live?.digest === digest(spec)) return 'done';
  const isIntact = live !== undefined && live.revision === live.digest;
  // Another replica's: who is behind has been found out over the ConfigMap.
  if (isIntact && !leads) return 'done';
  const now = await write(task, spec);
  if (now === undefined) return 'failed';
  if (lost || (live !== undefined && !isIntact)) await tellRepair(task, RESOURCE, now);
  return 'done';
}

async function write(task: OwnedTask, spec: JsonObject): Promise<JsonObject | undefined> {
  const { picture, namespace, workload } = task;
  const { apiVersion, kind } = RESOURCE;
  const like = workloadConfigMap(picture.plan, workload.workload, namespace, {});
  const metadata = {
    ...(like['metadata'] as JsonObject),
    annotations: { [ANNOTATIONS.revision]: digest(spec) },
  };
  const object = { apiVersion, kind, metadata, spec };
  const now = await apply(task, RESOURCE, object);
  if (now === undefined || digest(now['spec']) === digest(spec)) return now;
  // Apply leaves alone what others added, and what it allows besides cannot be known.
  const { uid } = subjectOf(RESOURCE, now);
  return (await remove(task, RESOURCE, uid)) ? apply(task, RESOURCE, object) : undefined;
}

/** Whether the pods need it: under `auto` once other policies restrict them all; with no pod yet, any such pod. */
function isCalledFor({ picture, namespace, workload }: OwnedTask): boolean {
  if (picture.policyMode === 'always') return true;
  const others = picture.restrictingPolicies(namespace, workload.name);
  const { labels } = workload.workload;
  const pods = picture
    .podsIn(namespace)
    .filter(({ pod }) => selects({ matchLabels: labels }, pod.metadata?.labels ?? {}));
  const samples = pods.length > 0 ? pods.map(({ pod }) => pod.metadata?.labels ?? {}) : [labels];
  return samples.every((sample) => others.some(({ selector }) => selects(selector, sample)));
}
