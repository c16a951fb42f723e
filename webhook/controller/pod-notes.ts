import { summariseUpstreams } from '../inject/annotations.ts';
import { assess } from '../inject/assess.ts';
import { POD_REASONS } from '../inject/reasons.ts';
import type { NotInForce } from '../observe/in-force.ts';
import type { Note } from './events.ts';
import type { PodRecord } from './records.ts';
import type { Rendered, RenderedWorkload } from './rendered.ts';

/** State of a pod in a namespace that opted in, as the metric counts it. */
export const POD_STATES = ['injected', 'missing', 'skipped'] as const;
export type PodState = (typeof POD_STATES)[number];

export interface Standing {
  readonly state: PodState;
  readonly note: Note;
}

/** The workload whose ConfigMap a pod mounts; undefined for a pod that is not injected. */
export function workloadOf(record: PodRecord, { workloads }: Rendered): RenderedWorkload | undefined {
  return workloads.find(({ name }) => record.mounts.includes(name));
}

/** What became of a pod, by what it contains, and what its event says. */
export function standingOf(record: PodRecord, rendered: Rendered): Standing {
  const assessment = assess(record.pod, record.namespace, rendered.plan);
  if (assessment.inject) {
    const { workload } = assessment;
    const own = rendered.workloads.find((candidate) => candidate.workload === workload);
    return own && record.mounts.includes(own.name)
      ? { state: 'injected', note: divertingNote(rendered, own) }
      : { state: 'missing', note: missingNote(record, workload.name) };
  }
  const { reason } = assessment;
  const carries = workloadOf(record, rendered) ? CARRIES : '';
  const message = `Not diverted: ${reason}: ${POD_REASONS[reason]}.${carries}`;
  const mend =
    reason === 'opted-out' ? ` To divert it, take the label off its template: ${recreate(record)}` : '';
  return { state: 'skipped', note: { type: 'Normal', reason: 'NotDiverted', message: `${message}${mend}` } };
}

/** Labels of a running pod may change; its containers may not. */
const CARRIES =
  ' It mounts the configuration of the diversion all the same: if it was injected before that was so, it goes on diverting until it is created anew.';

function divertingNote({ plan }: Rendered, { workload }: RenderedWorkload): Note {
  const hosts = plan.hosts.length > 3 ? `${plan.hosts.slice(0, 3).join(', ')} …` : plan.hosts.join(', ');
  return {
    type: 'Normal',
    reason: 'Diverting',
    message: `Diverting ${plan.share} % of ${hosts} on ${summariseUpstreams(workload)}`,
  };
}

/** What is told of an injected pod whose configuration cannot be written. */
export function blockedNote(why: string): Note {
  return { type: 'Warning', reason: 'NotDiverted', message: `Not diverted as declared: ${why}` };
}

/** What is told of an injected pod whose proxy refused what was written. */
export function rejectedNote({ revision, files, share }: NotInForce): Note {
  const runs = share === undefined ? '' : `, ${share} %`;
  return {
    type: 'Warning',
    reason: 'Rejected',
    message:
      `Its proxy refused revision ${revision} (${files.join(', ')}) and goes on with what it had accepted before${runs}. ` +
      'The log of its container shunt-envoy has the reason; what was changed last is to be undone.',
  };
}

/** What is told of an injected pod of which it is not known what its proxy runs. */
export function notConfirmedNote({ message }: Note, why: string): Note {
  const written = message.replace(/^Diverting /, '');
  return {
    type: 'Normal',
    reason: 'NotConfirmed',
    message: `Written, and not known to be in force, since ${why}: ${written}`,
  };
}

function missingNote(record: PodRecord, workload: string): Note {
  return {
    type: 'Warning',
    reason: 'NotDiverted',
    message:
      `Should be diverted as workload ${workload} and is not: it was created before the namespace opted in, ` +
      `or without the webhook. ${recreate(record)}`,
  };
}

function recreate({ namespace, name, owned }: PodRecord): string {
  return owned
    ? `Mend it with: kubectl -n ${namespace} delete pod ${name}`
    : `Mend it by creating it anew; nothing else does (pod ${name} in ${namespace} has no owner)`;
}
