import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { INJECT_LABEL, MIRROR_ANNOTATION } from './names.ts';
import type { PodTemplate } from './pod.ts';
import type { PodReason } from './reasons.ts';

const ENABLED = 'enabled';
const DISABLED = 'disabled';

/** Whether a pod is one that the diversion is for. */
export type Assessment =
  | { readonly inject: true; readonly workload: PlannedWorkload }
  | { readonly inject: false; readonly reason: PodReason };

/** Decides by what the pod is and where it runs; nothing that says "already done" is believed here. */
export function assess(pod: PodTemplate, namespace: string, plan: Plan): Assessment {
  if (pod.metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined) return skip('mirror-pod');
  const candidates = plan.workloads.filter((workload) => workload.namespaces.includes(namespace));
  if (candidates.length === 0) return skip('namespace-not-covered');
  const workload = candidates.find((candidate) => hasLabels(pod, candidate.labels));
  if (!workload) return skip('other-app');
  if (pod.spec?.hostNetwork) return skip('host-network');
  if (pod.metadata?.labels?.[INJECT_LABEL] === DISABLED) return skip('opted-out');
  return { inject: true, workload };
}

/** What to tell about an injected pod whose label says something else than we know. */
export function labelNotes({ metadata }: PodTemplate): string[] {
  const value = metadata?.labels?.[INJECT_LABEL];
  if (value === undefined || value === ENABLED) return [];
  return [
    `the label ${INJECT_LABEL}=${value} has no effect: the pod is diverted; only ${DISABLED} opts it out`,
  ];
}

function hasLabels(pod: PodTemplate, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => pod.metadata?.labels?.[key] === value);
}

function skip(reason: PodReason): Assessment {
  return { inject: false, reason };
}
