import { type Milliseconds, milliseconds } from '../core/duration.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import type { InForce } from '../observe/in-force.ts';
import { STATUS } from './kube.ts';
import type { PodTask } from './pod-events.ts';
import { workloadOf } from './pod-notes.ts';
import type { PodRecord } from './records.ts';
import type { RenderedWorkload } from './rendered.ts';
import { objectPath, RESOURCES } from './resources.ts';
import type { Outcome } from './work-queue.ts';

/** kubelet's own watch is some milliseconds behind: it must have the new ConfigMap when the annotation makes it look. */
const BEHIND_MS = 300;
/** Spreads the replicas, so that each finds most pods already annotated by another. */
const SPREAD_MS = 300;
/** Times in objects are whole seconds. */
const SECOND_MS = 1000;

const NOT_YET = { againIn: milliseconds(SECOND_MS) } as const;

/** What this replica wrote last to each pod; the watch returns it a moment later. */
export type AnnotatedPods = Map<string, string>;

/** Annotations by key; null takes one away. */
type Changes = Readonly<Record<string, string | null>>;

/**
 * Annotates a pod: with the revision that was written, so that its kubelet reads it at once and not after a minute or
 * more, and with what its proxy says that it runs.
 */
export async function annotatePod(task: PodTask, annotated: AnnotatedPods, key: string): Promise<Outcome> {
  const { cache, proxies } = task;
  const { rendered } = cache;
  const record = cache.pod(key);
  if (!record) annotated.delete(key);
  if (!rendered || !record || record.finished) return 'done';
  if (!cache.synced(record.namespace)) return NOT_YET;
  const workload = workloadOf(record, rendered);
  if (!workload) return 'done';
  const { inForce } = proxies.stateOf(record, workload);
  const written: WrittenChanges = inForce.state === 'in-force' ? {} : writtenChanges(task, record, workload);
  const changes: Changes = { ...written.changes, ...inForceChanges(inForce) };
  const outcome = await patch(task, annotated, record, changes);
  return outcome === 'done' && written.againIn !== undefined ? { againIn: written.againIn } : outcome;
}

interface WrittenChanges {
  readonly changes?: Changes;
  /** When to look again, where kubelet may not have the change yet. */
  readonly againIn?: Milliseconds;
}

/** For a pod whose ConfigMap has changed since it was made. */
function writtenChanges(
  { context, cache }: PodTask,
  { namespace, said, createdMs }: PodRecord,
  { name, revision }: RenderedWorkload,
): WrittenChanges {
  const live = cache.configMap(namespace, name);
  // While the ConfigMap is not written yet there is nothing to do; its change brings the pod up again.
  if (live?.digest !== revision || said[ANNOTATIONS.written] === revision) return {};
  if (said[ANNOTATIONS.revision] === revision || createdMs > live.appliedMs + SECOND_MS) return {};
  const behindMs = context.nowMs() - live.seenMs;
  if (behindMs < BEHIND_MS)
    return { againIn: milliseconds(BEHIND_MS - behindMs + Math.random() * SPREAD_MS) };
  return { changes: { [ANNOTATIONS.written]: revision } };
}

/** What is not known is not written: the annotations say what was seen last, and another replica may know more. */
function inForceChanges(inForce: InForce): Changes {
  if (inForce.state === 'in-force') {
    const { revision, share } = inForce;
    return {
      [ANNOTATIONS.revision]: revision,
      [ANNOTATIONS.share]: String(share),
      [ANNOTATIONS.rejected]: null,
    };
  }
  if (inForce.state !== 'rejected') return {};
  const { revision, files, share } = inForce;
  return {
    ...(share === undefined ? {} : { [ANNOTATIONS.share]: String(share) }),
    [ANNOTATIONS.rejected]: `${revision}: ${files.join(', ')}`,
  };
}

async function patch(
  { context }: PodTask,
  annotated: AnnotatedPods,
  { namespace, name, uid, said }: PodRecord,
  wanted: Changes,
): Promise<Outcome> {
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => (said[key] ?? null) !== value),
  );
  const text = `${uid} ${JSON.stringify(changes)}`;
  const key = `${namespace}/${name}`;
  if (Object.keys(changes).length === 0) {
    annotated.delete(key);
    return 'done';
  }
  if (annotated.get(key) === text) return 'done';
  const answer = await context.kube.send({
    method: 'PATCH',
    path: objectPath(RESOURCES.pod, name, namespace),
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: changes, uid } },
  });
  if (answer.ok) {
    annotated.set(key, text);
    context.metrics.writes.inc({ kind: RESOURCES.pod.kind });
    return 'done';
  }
  if (answer.status === STATUS.notFound || answer.status === STATUS.conflict) return 'done';
  context.metrics.failures.inc({ kind: RESOURCES.pod.kind });
  context.log.warn({ namespace, pod: name, status: answer.status }, answer.message);
  if (answer.status !== STATUS.forbidden && answer.status !== STATUS.invalid) return 'failed';
  // Where it is not allowed, kubelet finds the change by itself later.
  annotated.set(key, text);
  return 'done';
}
