import type { Capture } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { captureMounts } from './capture-mounts.ts';
import { captureArgs, captureEnv } from './capture-values.ts';
import type { Captured, CaptureFailure } from './captured.ts';
import type { Container } from './pod.ts';
import { diversionMount } from './sidecar-container.ts';

/** Applies all captures of the workload to its container; the first that cannot be applied fails them all. */
export function captureAll(
  container: Container,
  workload: PlannedWorkload,
  diversion: string,
): Captured | CaptureFailure {
  let captured: Captured = { container, originals: [], stepMounts: [], mountPoints: [] };
  for (const [number, capture] of workload.captures.entries()) {
    const next = captureOne(captured.container, workload, capture, number);
    if ('reason' in next) return next;
    captured = merge(captured, next);
  }
  if (!workload.captures.some((capture) => capture.kind === 'envoy')) return captured;
  return { ...captured, container: withDiversionMount(captured.container, diversion) };
}

function captureOne(
  container: Container,
  workload: PlannedWorkload,
  capture: Capture,
  number: number,
): Captured | CaptureFailure {
  switch (capture.kind) {
    case 'files':
    case 'envoy':
      return captureMounts(container, capture, number);
    case 'env':
      return captureEnv(container, capture.names, workload.listeners);
    case 'args':
      return captureArgs(container, workload.listeners);
  }
}

/** The pod's own Envoy reads the live share from the same ConfigMap as our sidecar. */
function withDiversionMount(container: Container, diversion: string): Container {
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), diversionMount(diversion)] };
}

function merge(before: Captured, next: Captured): Captured {
  return {
    container: next.container,
    originals: [...before.originals, ...next.originals],
    stepMounts: [...before.stepMounts, ...next.stepMounts],
    mountPoints: [...before.mountPoints, ...next.mountPoints],
  };
}
