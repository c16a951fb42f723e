import { milliseconds } from '../core/duration.ts';
import type { JsonObject } from '../core/json.ts';
import { workloadConfigMap } from '../inject/config-map.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import type { Context } from './context.ts';
import { sendEvent } from './events.ts';
import { type KubeFailure, STATUS } from './kube.ts';
import { policySpec } from './network-policy.ts';
import type { Picture } from './picture.ts';
import { digest, type RenderedWorkload } from './rendered.ts';
import { applyRequest, objectPath, RESOURCES, type Resource } from './resources.ts';
import { selects } from './selector.ts';
import type { Outcome } from './work-queue.ts';

const NOT_YET = { againIn: milliseconds(200) } as const;

/** Brings what the pods of one namespace need to where it should be, or takes it away when nobody needs it. */
export async function reconcileSpace(
  context: Context,
  picture: Picture,
  namespace: string,
): Promise<Outcome> {
  const { rendered } = picture;
  if (!rendered) return 'done';
  if (!picture.synced) return NOT_YET;
  const space = picture.namespaces.get(namespace);
  if (!space || space.terminating) return 'done';
  const outcomes: boolean[] = [];
  for (const workload of rendered.workloads) {
    const { namespaces } = workload.workload;
    const wanted =
      (space.optedIn && namespaces.includes(namespace)) || picture.inUse(namespace, workload.name);
    const task = { context, picture, namespace, workload };
    outcomes.push(await reconcileConfigMap(task, wanted), await reconcilePolicy(task, wanted));
  }
  return outcomes.every(Boolean) ? 'done' : 'failed';
}

interface Task {
  readonly context: Context;
  readonly picture: Picture;
  readonly namespace: string;
  readonly workload: RenderedWorkload;
}

async function reconcileConfigMap(task: Task, wanted: boolean): Promise<boolean> {
  const { picture, namespace, workload } = task;
  const live = picture.configMaps.get(workload.name)?.get(`${namespace}/${workload.name}`);
  if (!wanted) return live === undefined || remove(task, RESOURCES.configMap);
  if (live?.digest === workload.revision && live.revision === workload.revision) return true;
  const bare = workloadConfigMap(picture.plan, workload.workload, namespace, workload.data);
  const metadata = bare['metadata'] as JsonObject;
  const object = {
    ...bare,
    metadata: { ...metadata, annotations: { [ANNOTATIONS.revision]: workload.revision } },
  };
  const foreign = (live?.keys ?? []).filter((key) => workload.data[key] === undefined);
  if (foreign.length > 0 && !(await dropKeys(task, foreign))) return false;
  if (!(await apply(task, RESOURCES.configMap, object))) return false;
  if (live !== undefined && live.revision !== live.digest) await noteRepair(task, RESOURCES.configMap);
  return true;
}

/** Apply leaves alone what others added. */
async function dropKeys({ context, namespace, workload }: Task, keys: readonly string[]): Promise<boolean> {
  const answer = await context.kube.send({
    method: 'PATCH',
    path: objectPath(RESOURCES.configMap, workload.name, namespace),
    contentType: 'application/merge-patch+json',
    body: { data: Object.fromEntries(keys.map((key) => [key, null])), binaryData: null },
  });
  return (
    answer.ok || answer.status === STATUS.invalid || failed(context, RESOURCES.configMap, namespace, answer)
  );
}

async function reconcilePolicy(task: Task, wanted: boolean): Promise<boolean> {
  const { picture, namespace, workload } = task;
  if (picture.policyMode === 'never') return true;
  const live = picture.policies.get(`${namespace}/${workload.name}`);
  const spec = policySpec(workload.workload, workload.egress);
  if (!wanted || !(picture.policyMode === 'always' || isRestricted(task))) {
    return live === undefined || remove(task, RESOURCES.networkPolicy);
  }
  if (live?.digest === digest(spec)) return true;
  const { apiVersion, kind } = RESOURCES.networkPolicy;
  const { labels } = workloadConfigMap(picture.plan, workload.workload, namespace, {})[
    'metadata'
  ] as JsonObject;
  const metadata = { name: workload.name, namespace, labels };
  if (!(await apply(task, RESOURCES.networkPolicy, { apiVersion, kind, metadata, spec }))) return false;
  if (live !== undefined) await noteRepair(task, RESOURCES.networkPolicy);
  return true;
}

/** Whether other policies restrict the egress of every pod that ours would be for; with no pod yet, of any such pod. */
function isRestricted({ picture, namespace, workload }: Task): boolean {
  const others = picture.restrictingPolicies(namespace, workload.name);
  const { labels } = workload.workload;
  const pods = picture
    .podsIn(namespace)
    .filter(({ pod }) => selects({ matchLabels: labels }, pod.metadata?.labels ?? {}));
  const samples = pods.length > 0 ? pods.map(({ pod }) => pod.metadata?.labels ?? {}) : [labels];
  return samples.every((sample) => others.some(({ selector }) => selects(selector, sample)));
}

async function apply(task: Task, resource: Resource, object: JsonObject): Promise<boolean> {
  const { context, namespace } = task;
  let answer = await context.kube.send(applyRequest(resource, object));
  if (!answer.ok && answer.status === STATUS.invalid) {
    // Somebody made it such that it cannot be changed into what it should be: immutable, for one.
    if (!(await remove(task, resource))) return false;
    answer = await context.kube.send(applyRequest(resource, object));
  }
  if (!answer.ok) return failed(context, resource, namespace, answer);
  context.metrics.writes.inc({ kind: resource.kind });
  return true;
}

async function remove({ context, namespace, workload }: Task, resource: Resource): Promise<boolean> {
  const path = objectPath(resource, workload.name, namespace);
  const answer = await context.kube.send({ method: 'DELETE', path });
  if (answer.ok || answer.status === STATUS.notFound) return true;
  return failed(context, resource, namespace, answer);
}

async function noteRepair({ context, namespace, workload }: Task, resource: Resource): Promise<void> {
  context.metrics.repairs.inc({ kind: resource.kind });
  context.log.warn({ kind: resource.kind, namespace, name: workload.name }, 'put right');
  const message =
    'Somebody else had changed this; it is as the diversion declares again. Change the diversion instead.';
  const subject = { resource, name: workload.name, namespace };
  await sendEvent(context, subject, { type: 'Warning', reason: 'Repaired', message });
}

function failed(
  { log, metrics }: Context,
  { kind }: Resource,
  namespace: string,
  failure: KubeFailure,
): boolean {
  metrics.failures.inc({ kind });
  log.error({ kind, namespace, status: failure.status }, failure.message);
  return false;
}
