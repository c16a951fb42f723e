import { isFileCapture } from '../core/diversion.ts';
import { matchesGlob } from '../core/glob.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { CAPTURE_OUT } from '../edges/pod-paths.ts';
import { captureMounts } from './capture-mounts.ts';
import { captureArgs, captureEnv } from './capture-values.ts';
import type { Captured, CaptureFailure } from './captured.ts';
import { isOwnName } from './names.ts';
import { pickContainer } from './pick-container.ts';
import type { Container, PodSpec, PodTemplate, VolumeMount } from './pod.ts';

/** The workload as this pod is one: a pod that has the Envoy that the workload may have is diverted by that. */
export function variantFor(pod: PodTemplate, workload: PlannedWorkload): PlannedWorkload {
  const { withOwnEnvoy } = workload;
  if (!withOwnEnvoy) return workload;
  return runningContainers(pod.spec).some((one) => isOwnEnvoy(withOwnEnvoy, one)) ? withOwnEnvoy : workload;
}

/** The containers that run beside each other, native sidecars among them. */
export function runningContainers(spec: PodSpec | undefined): Container[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars].filter(({ name }) => !isOwnName(name));
}

function isOwnEnvoy({ container }: PlannedWorkload, { name }: Container): boolean {
  return matchesGlob(container, name);
}

/**
 * Looks whether the app beside a diverted Envoy goes past it. What is in the pod is looked at here; mounted files go
 * to the config step, in folders whose numbers follow those of the captures.
 */
export function withCheckedApp(
  spec: PodSpec,
  workload: PlannedWorkload,
  captured: Captured,
): Captured | CaptureFailure {
  const { app, captures } = workload;
  if (!app) return captured;
  const others = runningContainers(spec).filter((one) => !isOwnEnvoy(workload, one));
  const container = pickContainer(others, app.container);
  if ('reason' in container) return container;
  const mounts: VolumeMount[] = [];
  for (const [index, capture] of app.captures.entries()) {
    if (isFileCapture(capture)) {
      const mounted = captureMounts(container, capture, captures.length + index);
      if ('reason' in mounted) return mounted;
      mounts.push(...mounted.stepMounts.filter(({ mountPath }) => !mountPath.startsWith(CAPTURE_OUT)));
      continue;
    }
    const direct =
      capture.kind === 'env'
        ? capture.names.flatMap((name) =>
            namedBy(captureEnv(container, [name], app.listeners), `variable ${name}`),
          )
        : namedBy(captureArgs(container, app.listeners), 'the command or an argument');
    const [where] = direct;
    if (where !== undefined) {
      const detail = `container ${container.name}: ${where}; lead it to the Envoy's listener instead`;
      return { reason: 'envoy-bypassed', detail };
    }
  }
  return { ...captured, stepMounts: [...captured.stepMounts, ...mounts] };
}

/** A capture that finds something has found a call past the Envoy. */
function namedBy(found: Captured | CaptureFailure, where: string): string[] {
  return 'reason' in found ? [] : [where];
}
