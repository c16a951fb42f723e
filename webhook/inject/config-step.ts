import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { CAPTURE_IN, CAPTURE_OUT, configDirectory, DIVERSION_FILE } from '../edges/pod-paths.ts';
import type { Captured } from './captured.ts';
import { CONFIG_STEP_NAME } from './names.ts';
import type { Container, SecurityContext } from './pod.ts';
import { diversionMount, resourceRequirements, restricted } from './sidecar-container.ts';

/** The init container that copies the captured files and leads their calls to the proxy; undefined where there are none. */
export function configStep(
  plan: Plan,
  workload: PlannedWorkload,
  captured: Captured,
  user: Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot'>,
): Container | undefined {
  if (captured.stepMounts.length === 0) return undefined;
  return {
    name: CONFIG_STEP_NAME,
    image: plan.sidecar.configImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['shunt'],
    args: [
      'rewrite',
      '--diversion',
      `${configDirectory(plan.diversion)}/${DIVERSION_FILE}`,
      '--workload',
      workload.name,
      ...(workload.app ? ['--own-envoy'] : []),
      '--in',
      CAPTURE_IN,
      '--out',
      CAPTURE_OUT,
      ...captured.mountPoints.flatMap((folder) => ['--mount-point', folder]),
    ],
    resources: resourceRequirements(plan.sidecar.configResources),
    securityContext: restricted(user),
    volumeMounts: [diversionMount(plan.diversion), ...captured.stepMounts],
  };
}
