import { milliseconds } from '../core/duration.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { type Note, sendEvent } from './events.ts';
import {
  blockedNote,
  notConfirmedNote,
  rejectedNote,
  type Standing,
  standingOf,
  workloadOf,
} from './pod-notes.ts';
import { isOwnEnvoy, type ProxyWatch } from './proxy-watch.ts';
import type { PodRecord } from './records.ts';
import type { RenderedWorkload } from './rendered.ts';
import { RESOURCES } from './resources.ts';
import type { Outcome } from './work-queue.ts';

/** An older pod already has its event from the replicas that ran when it was created. */
const NEW_MS = 10 * 60 * 1000;
/** A proxy that just starts does not answer yet. */
const UNKNOWN_MS = 10_000;

/** The text of the last event of each pod, so that it is sent once. */
export type RecordedEvents = Map<string, string>;

export interface PodTask {
  readonly context: Context;
  readonly cache: ClusterCache;
  readonly proxies: ProxyWatch;
}

const NOT_YET = { againIn: milliseconds(1000) } as const;

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
    standing.state === 'injected' && workload
      ? injectedNote(task, record, workload, standing)
      : standing.note;
  if (!('message' in note)) return note.outcome;
  return (await send(task, recorded, record, note)) ? 'done' : 'failed';
}

/** Nothing to say, for now or at all. */
interface Silence {
  readonly outcome: Outcome;
}

const SILENCE: Silence = { outcome: 'done' };

/** A pod is called diverted when its proxy says so, and not when its configuration was written. */
function injectedNote(
  { context, cache, proxies }: PodTask,
  record: PodRecord,
  workload: RenderedWorkload,
  { note }: Standing,
): Note | Silence {
  const { namespace } = record;
  const why = cache.blocked(RESOURCES.configMap, `${namespace}/${workload.name}`);
  if (why !== undefined) return blockedNote(why);
  if (cache.configMap(namespace, workload.name)?.digest !== workload.revision) return SILENCE;
  const { inForce, sinceMs } = proxies.stateOf(record, workload);
  switch (inForce.state) {
    case 'in-force':
      return note;
    case 'behind':
      return SILENCE;
    case 'rejected':
      return rejectedNote(inForce);
    case 'unknown': {
      const leftMs = isOwnEnvoy(inForce) ? 0 : sinceMs + UNKNOWN_MS - context.nowMs();
      return leftMs > 0
        ? { outcome: { againIn: milliseconds(leftMs) } }
        : notConfirmedNote(note, inForce.why);
    }
  }
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
