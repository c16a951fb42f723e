import type { Resources } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { CA_BUNDLE_DIRECTORY, configDirectory, RUN_DIRECTORY } from '../edges/pod-paths.ts';
import { CA_VOLUME, DIVERSION_VOLUME, RUN_VOLUME, SIDECAR_NAME } from './names.ts';
import type { Container, SecurityContext, VolumeMount } from './pod.ts';
import { NOBODY } from './step-user.ts';

/**
 * How the sidecar runs: `native` is an init container that keeps running, so that it is up before the app and
 * goes after it (Kubernetes 1.29 and newer); `container` stands beside the app.
 */
export type SidecarForm = 'native' | 'container';

const WORKER_THREADS = 2;
const PROBE_PATH = '/healthz';
const STARTUP_SECONDS = 60;

/** Without native sidecars all containers are told to stop at once; this long the proxy waits for the app to finish. */
const STAY_SECONDS = 25;

/** What the drain of a replaced listener has beyond the longest request. */
const DRAIN_MARGIN_SECONDS = 60;

/**
 * A listener that an update replaces ends what is left on it after this long. Envoy's own 600 s would cut a longer job
 * of any host, after it had reached its origin.
 */
export function drainSeconds({ listeners }: Pick<PlannedWorkload, 'listeners'>): number {
  const limits = listeners.flatMap(({ upstream }) => [upstream.timeout, upstream.target.timeout]);
  return Math.ceil(Math.max(...limits) / 1000) + DRAIN_MARGIN_SECONDS;
}

/** The Envoy that is injected. It needs nothing of its image but an `envoy` on the path. */
export function sidecarContainer(plan: Plan, workload: PlannedWorkload, form: SidecarForm): Container {
  const { diversion, sidecar: settings } = plan;
  const drain = drainSeconds(workload);
  const probe = { httpGet: { path: PROBE_PATH, port: settings.telemetryPort } };
  return {
    name: SIDECAR_NAME,
    image: settings.image,
    imagePullPolicy: 'IfNotPresent',
    command: ['envoy'],
    args: [
      '--config-path',
      `${configDirectory(diversion)}/bootstrap.yaml`,
      '--concurrency',
      String(WORKER_THREADS),
      // Hot restart uses abstract sockets, which a pod's own Envoy would share with ours.
      '--disable-hot-restart',
      '--drain-time-s',
      String(drain),
      // Its answers ask to close their connections at once, rather than more and more often.
      '--drain-strategy',
      'immediate',
      // Envoy wants it to be longer than the drain; nothing else uses it without hot restarts.
      '--parent-shutdown-time-s',
      String(drain + DRAIN_MARGIN_SECONDS),
      '--log-level',
      'warning',
    ],
    ports: [{ name: 'shunt-metrics', containerPort: settings.telemetryPort, protocol: 'TCP' }],
    readinessProbe: { ...probe, periodSeconds: 5 },
    resources: resourceRequirements(settings.resources),
    securityContext: restricted({ runAsUser: NOBODY, runAsGroup: NOBODY }),
    volumeMounts: [
      diversionMount(diversion),
      { name: RUN_VOLUME, mountPath: RUN_DIRECTORY },
      ...(settings.caBundle ? [{ name: CA_VOLUME, mountPath: CA_BUNDLE_DIRECTORY, readOnly: true }] : []),
    ],
    ...(form === 'native'
      ? {
          restartPolicy: 'Always',
          startupProbe: { ...probe, periodSeconds: 1, failureThreshold: STARTUP_SECONDS },
        }
      : { lifecycle: { preStop: { exec: { command: ['sleep', String(STAY_SECONDS)] } } } }),
  };
}

/** The mount of the ConfigMap with the diversion; an update of it reaches the proxy while it runs. */
export function diversionMount(diversion: string): VolumeMount {
  return { name: DIVERSION_VOLUME, mountPath: configDirectory(diversion), readOnly: true };
}

/** What the restricted Pod Security standard asks of a container, and a read-only root besides. */
export function restricted(
  user: Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot'>,
): SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    ...user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Explicit, since LimitRanger has already filled in the defaults when a webhook is asked. */
export function resourceRequirements(resources: Resources): NonNullable<Container['resources']> {
  return {
    requests: { cpu: resources.cpuRequest, memory: resources.memoryRequest },
    limits: { cpu: resources.cpuLimit, memory: resources.memoryLimit },
  };
}
