import { milliseconds } from '../core/duration.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { type Note, sendEvent } from './events.ts';
import { STATUS } from './kube.ts';
import { blockedNote, type Standing, standingOf, workloadOf } from './pod-notes.ts';
import type { PodRecord } from './records.ts';
import type { RenderedWorkload } from './rendered.ts';
import { objectPath, RESOURCES } from './resources.ts';
import type { Outcome } from './work-queue.ts';

/** kubelet's own watch is some milliseconds behind: it must have the new ConfigMap when the annotation makes it look. */
const BEHIND_MS = 300;
/** Spreads the replicas, so that each finds most pods already annotated by another. */
const SPREAD_MS = 300;
/** An older pod already has its event from the replicas that ran when it was created. */
const NEW_MS = 10 * 60 * 1000;
/** Times in objects are whole seconds. */
const SECOND_MS = 1000;

/** The text of the last event of each pod, so that it is sent once. */
export type RecordedEvents = Map<string, string>;

export interface PodTask {
  readonly context: Context;
  readonly cache: ClusterCache;
}

const NOT_YET = { againIn: milliseconds(SECOND_MS) } as const;

/** Records an event on a pod that says what became of it. */
export async function recordPodEvent(task: PodTask, recorded: RecordedEvents, key: string): Promise<Outcome> {
  const { cache } = task;
  const { rendered } = cache;
  const record = cache.pod(key);
  if (!record) {
    recorded.delete(key);
    return 'done';
  }
  if (!rendered || !cache.synced(record.namespace)) return NOT_YET;
  if (record.finished) return 'done';
  const found = cache.namespace(record.namespace);
  if (!cache.declares(record.namespace) || !found?.optedIn || found.terminating) return 'done';
  const workload = workloadOf(record, rendered);
  // A pod with the ConfigMap of another diversion gets its events from that one.
  if (!workload && record.mounts.length > 0) return 'done';
  const standing = standingOf(record, rendered);
  const note =
    standing.state === 'injected' && workload ? noteInForce(task, record, workload, standing) : standing.note;
  return note === undefined || (await send(task, recorded, record, note)) ? 'done' : 'failed';
}

/** A pod is not called diverted before its ConfigMap is there; undefined until then. */
function noteInForce(
  { cache }: PodTask,
  { namespace }: PodRecord,
  { name, revision }: RenderedWorkload,
  { note }: Standing,
): Note | undefined {
  const key = `${namespace}/${name}`;
  const why = cache.blocked(RESOURCES.configMap, key);
  if (why !== undefined) return blockedNote(why);
  return cache.configMap(namespace, name)?.digest === revision ? note : undefined;
}

async function send(
  { context, cache }: PodTask,
  recorded: RecordedEvents,
  record: PodRecord,
  note: Note,
): Promise<boolean> {
  const key = `${record.namespace}/${record.name}`;
  const before = recorded.get(key);
  const text = `${record.uid} ${note.message}`;
  if (before === text) return true;
  const isNews =
    note.type === 'Warning' || before !== undefined || context.nowMs() - record.createdMs < NEW_MS;
  const { name, namespace, uid } = record;
  const subject = { resource: RESOURCES.pod, name, namespace, uid };
  // The same text may have been sent before the one in between.
  const occasion = before === undefined ? undefined : cache.rendered?.version;
  const sent = !isNews || (await sendEvent(context, subject, { ...note, occasion }));
  if (sent) recorded.set(key, text);
  return sent;
}

/** The last revision that this replica wrote to each pod; the watch returns it a moment later. */
export type AnnotatedRevisions = Map<string, string>;

/** Annotates a pod whose ConfigMap has changed, so that its kubelet reads it at once and not after a minute or more. */
export async function annotateRevision(
  { context, cache }: PodTask,
  annotatedRevisions: AnnotatedRevisions,
  key: string,
): Promise<Outcome> {
  const { rendered } = cache;
  const record = cache.pod(key);
  if (!record) annotatedRevisions.delete(key);
  if (!rendered || !record || record.finished) return 'done';
  if (!cache.synced(record.namespace)) return NOT_YET;
  const workload = workloadOf(record, rendered);
  if (!workload) return 'done';
  const { namespace, name } = record;
  const live = cache.configMap(namespace, workload.name);
  // While the ConfigMap is not written yet there is nothing to do; its change brings the pod up again.
  if (live?.digest !== workload.revision || record.revision === workload.revision) return 'done';
  if (record.createdMs > live.appliedMs + SECOND_MS) return 'done';
  const annotated = `${record.uid} ${workload.revision}`;
  if (annotatedRevisions.get(key) === annotated) return 'done';
  const behindMs = context.nowMs() - live.seenMs;
  if (behindMs < BEHIND_MS)
    return { againIn: milliseconds(BEHIND_MS - behindMs + Math.random() * SPREAD_MS) };
  const answer = await context.kube.send({
    method: 'PATCH',
    path: objectPath(RESOURCES.pod, name, namespace),
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { [ANNOTATIONS.revision]: workload.revision }, uid: record.uid } },
  });
  if (answer.ok) {
    annotatedRevisions.set(key, annotated);
    context.metrics.writes.inc({ kind: RESOURCES.pod.kind });
    return 'done';
  }
  if (answer.status === STATUS.notFound || answer.status === STATUS.conflict) return 'done';
  context.metrics.failures.inc({ kind: RESOURCES.pod.kind });
  context.log.warn({ namespace, pod: name, status: answer.status }, answer.message);
  // Where it is not allowed, kubelet finds the change by itself later.
  return answer.status === STATUS.forbidden || answer.status === STATUS.invalid ? 'done' : 'failed';
}
