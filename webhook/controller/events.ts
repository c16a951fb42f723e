import { hash } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import { trimEnd } from '../core/trim.ts';
import type { Context } from './context.ts';
import type { EventReason } from './event-reasons.ts';
import { STATUS } from './kube.ts';
import { collectionPath, nameOf, RESOURCES, type Resource } from './resources.ts';

/** What an event is about. */
export interface Subject {
  readonly resource: Resource;
  readonly name: string;
  /** Absent for what has none. */
  readonly namespace?: string;
  readonly uid?: string;
  /** Its resourceVersion, where that was read. */
  readonly version?: string;
}

export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  readonly message: string;
  /** Tells this time from an earlier one at which the same was said, alike for all replicas. */
  readonly occasion?: string | undefined;
}

/** An object as the API server gave it, to tell something of; without the uid kubectl would not show it there. */
export function subjectOf(resource: Resource, object: JsonObject): Subject {
  const { name, namespace } = nameOf(object);
  const { uid, resourceVersion } = object['metadata'] as {
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  return {
    resource,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { version: resourceVersion }),
  };
}

const MAX_MESSAGE = 1024;
const MAX_NAME = 200;
const DIGEST_LENGTH = 16;

/** Where the events of things without a namespace are kept. */
const CLUSTER_EVENTS = 'default';

/** An event whose name follows from what it says, so that replicas which say the same make one. */
export function eventObject(subject: Subject, note: Note, when: Date, replica: string): JsonObject {
  const { resource, name, namespace, uid } = subject;
  const time = `${when.toISOString().slice(0, 19)}Z`;
  const home = namespace ?? CLUSTER_EVENTS;
  const digest = hash('sha256', JSON.stringify([uid ?? '', resource.kind, note]), 'hex').slice(
    0,
    DIGEST_LENGTH,
  );
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // Cut where it may, a name has no stop or hyphen in front of the next.
    metadata: { name: `${trimEnd(name.slice(0, MAX_NAME), '-.')}.${digest}`, namespace: home },
    involvedObject: {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    type: note.type,
    reason: note.reason,
    message: note.message.slice(0, MAX_MESSAGE),
    source: { component: 'shunt' },
    reportingComponent: 'shunt',
    reportingInstance: replica,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

/** Sends an event; one that is there already is as good. Gives whether it is there now. */
export async function sendEvent(context: Context, subject: Subject, note: Note): Promise<boolean> {
  const body = eventObject(subject, note, new Date(context.nowMs()), context.replica);
  const path = collectionPath(RESOURCES.event, subject.namespace ?? CLUSTER_EVENTS);
  const answer = await context.kube.send({ method: 'POST', path, body });
  if (answer.ok || answer.status === STATUS.conflict) return true;
  // The namespace is gone, and its events with it.
  if (answer.status === STATUS.notFound) return true;
  context.metrics.failures.inc({ kind: 'Event' });
  context.log.warn({ reason: note.reason, status: answer.status }, answer.message);
  return false;
}

/** Counts, logs and tells that something of ours was put right. */
export async function noteRepair(context: Context, subject: Subject, message: string): Promise<void> {
  const { kind } = subject.resource;
  context.metrics.repairs.inc({ kind });
  context.log.warn({ kind, namespace: subject.namespace, name: subject.name }, message);
  const occasion = subject.version;
  await sendEvent(context, subject, { type: 'Warning', reason: 'Repaired', message, occasion });
}
