import type { Plan, PlannedWorkload } from '../core/plan.ts';
import type { CaptureFailure } from './captured.ts';
import { isOwnName } from './names.ts';
import type { PodSpec } from './pod.ts';

/** What in a pod (without anything of ours) stands in the way of injecting it. */
export function findConflict(
  spec: PodSpec,
  workload: PlannedWorkload,
  plan: Plan,
): CaptureFailure | undefined {
  return takenName(spec) ?? takenPort(spec, workload, plan);
}

function takenName(spec: PodSpec): CaptureFailure | undefined {
  const named = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.volumes ?? [])];
  const taken = named.find(({ name }) => isOwnName(name));
  return taken && { reason: 'name-taken', detail: `rename ${taken.name}` };
}

function takenPort(spec: PodSpec, workload: PlannedWorkload, plan: Plan): CaptureFailure | undefined {
  if (workload.listeners.length === 0) return undefined;
  const needed = [plan.sidecar.telemetryPort, ...workload.listeners.map(({ port }) => port)];
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const port = container.ports?.find(({ containerPort }) => needed.includes(containerPort));
    if (port)
      return {
        reason: 'port-taken',
        detail: `container ${container.name} declares port ${port.containerPort}`,
      };
  }
  return undefined;
}
