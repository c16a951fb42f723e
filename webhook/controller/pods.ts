import { milliseconds } from '../core/duration.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import type { Context } from './context.ts';
import { type Note, sendEvent } from './events.ts';
import { STATUS } from './kube.ts';
import type { Picture } from './picture.ts';
import { blockedNote, type Standing, standingOf, workloadOf } from './pod-notes.ts';
import type { PodRecord } from './records.ts';
import type { RenderedWorkload } from './rendered.ts';
import { objectPath, RESOURCES } from './resources.ts';
import type { Outcome } from './work-queue.ts';

/** kubelet must have seen the ConfigMap when the pod's change makes it look; its own watch is some milliseconds behind. */
const BEHIND_MS = 300;
/** Replicas go through the pods in different orders, so that each finds most of the others' done. */
const SPREAD_MS = 300;
/** An older pod was told by those who ran when it was created. */
const NEW_MS = 10 * 60 * 1000;
/** Times in objects are whole seconds. */
const SECOND_MS = 1000;

/** What has been said of which pod, so that it is said once. */
export type Told = Map<string, string>;

export interface PodTask {
  readonly context: Context;
  readonly picture: Picture;
}

const NOT_YET = { againIn: milliseconds(SECOND_MS) } as const;

/** Tells of a pod what became of it. */
export async function tellOfPod(task: PodTask, told: Told, key: string): Promise<Outcome> {
  const { picture } = task;
  const { rendered } = picture;
  const record = picture.pod(key);
  if (!record) {
    told.delete(key);
    return 'done';
  }
  if (!rendered || !picture.synced(record.namespace)) return NOT_YET;
  if (record.finished) return 'done';
  const space = picture.namespace(record.namespace);
  if (!picture.declares(record.namespace) || !space?.optedIn || space.terminating) return 'done';
  const workload = workloadOf(record, rendered);
  // One that mounts a ConfigMap of another diversion is for that one to tell of.
  if (!workload && record.mounts.length > 0) return 'done';
  const standing = standingOf(record, rendered);
  const note =
    standing.state === 'injected' && workload ? noteInForce(task, record, workload, standing) : standing.note;
  return note === undefined || (await tell(task, told, record, note)) ? 'done' : 'failed';
}

/** Nothing is called diverted before what it reads is there; undefined while that is under way. */
function noteInForce(
  { picture }: PodTask,
  { namespace }: PodRecord,
  { name, revision }: RenderedWorkload,
  { note }: Standing,
): Note | undefined {
  const key = `${namespace}/${name}`;
  const why = picture.blocked(RESOURCES.configMap, key);
  if (why !== undefined) return blockedNote(why);
  return picture.configMap(namespace, name)?.digest === revision ? note : undefined;
}

async function tell(
  { context, picture }: PodTask,
  told: Told,
  record: PodRecord,
  note: Note,
): Promise<boolean> {
  const key = `${record.namespace}/${record.name}`;
  const before = told.get(key);
  const text = `${record.uid} ${note.message}`;
  if (before === text) return true;
  const isNews =
    note.type === 'Warning' || before !== undefined || context.nowMs() - record.createdMs < NEW_MS;
  const { name, namespace, uid } = record;
  const subject = { resource: RESOURCES.pod, name, namespace, uid };
  // What is said after something else may have been said before that.
  const occasion = before === undefined ? undefined : picture.rendered?.version;
  const sent = !isNews || (await sendEvent(context, subject, { ...note, occasion }));
  if (sent) told.set(key, text);
  return sent;
}

/** The last revision that each pod was led to, by us; the watch brings it back a moment later. */
export type Nudged = Map<string, string>;

/** Leads a pod's kubelet to a ConfigMap that has changed under it; by itself it would look after a minute or more. */
export async function nudgePod({ context, picture }: PodTask, nudged: Nudged, key: string): Promise<Outcome> {
  const { rendered } = picture;
  const record = picture.pod(key);
  if (!record) nudged.delete(key);
  if (!rendered || !record || record.finished) return 'done';
  if (!picture.synced(record.namespace)) return NOT_YET;
  const workload = workloadOf(record, rendered);
  if (!workload) return 'done';
  const { namespace, name } = record;
  const live = picture.configMap(namespace, workload.name);
  // Until the ConfigMap is right there is nothing to look at; once it is, this comes up again.
  if (live?.digest !== workload.revision || record.revision === workload.revision) return 'done';
  if (record.createdMs > live.appliedMs + SECOND_MS) return 'done';
  const led = `${record.uid} ${workload.revision}`;
  if (nudged.get(key) === led) return 'done';
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
    nudged.set(key, led);
    context.metrics.writes.inc({ kind: RESOURCES.pod.kind });
    return 'done';
  }
  if (answer.status === STATUS.notFound || answer.status === STATUS.conflict) return 'done';
  context.metrics.failures.inc({ kind: RESOURCES.pod.kind });
  context.log.warn({ namespace, pod: name, status: answer.status }, answer.message);
  // Where it is not allowed, kubelet finds the change by itself in the end.
  return answer.status === STATUS.forbidden || answer.status === STATUS.invalid ? 'done' : 'failed';
}
