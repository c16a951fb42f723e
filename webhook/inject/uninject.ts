import { findWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { ANNOTATIONS } from './names.ts';
import { variantFor } from './own-envoy.ts';
import type { PodTemplate } from './pod.ts';
import { strip } from './strip.ts';

/** The pod as it was before it was injected; a pod that never was comes back as it is. */
export function uninject<T extends PodTemplate>(pod: T, plan: Plan): T {
  const name = pod.metadata?.annotations?.[ANNOTATIONS.workload];
  const workload = name === undefined ? undefined : findWorkload(plan, name);
  return workload ? strip(pod, variantFor(pod, workload)) : pod;
}
