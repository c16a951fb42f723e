import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { workloadAnnotations } from './annotations.ts';
import type { Container, Volume } from './pod.ts';
import { type SidecarForm, sidecarContainer } from './sidecar-container.ts';
import { ownVolumes } from './volumes.ts';

/** What injection does to every pod of a workload alike. */
export interface FixedParts {
  /** Empty where the pod's own Envoy does the work. */
  readonly sidecar: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly annotations: Readonly<Record<string, string>>;
}

type OfPlan = Readonly<Record<SidecarForm, Map<PlannedWorkload, FixedParts>>>;

// A plan never changes, so what follows from it alone cannot go stale.
const made = new WeakMap<Plan, OfPlan>();

/** The fixed parts of a workload, made once for a plan; shared by all pods, so no code may change them. */
export function fixedParts(plan: Plan, workload: PlannedWorkload, form: SidecarForm): FixedParts {
  const ofPlan = made.get(plan) ?? { native: new Map(), container: new Map() };
  const known = ofPlan[form].get(workload);
  if (known) return known;
  const parts = makeParts(plan, workload, form);
  ofPlan[form].set(workload, parts);
  made.set(plan, ofPlan);
  return parts;
}

function makeParts(plan: Plan, workload: PlannedWorkload, form: SidecarForm): FixedParts {
  const sidecar = workload.listeners.length > 0 ? [sidecarContainer(plan, workload, form)] : [];
  const volumes = ownVolumes(plan, workload);
  return {
    sidecar,
    volumes,
    annotations: workloadAnnotations(plan, workload, [...sidecar, ...volumes]),
  };
}
