import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../core/json.ts';
import { RUN_DIRECTORY } from '../../pod-paths.ts';
import type { IngressPlan, IngressSettings } from '../settings.ts';

/** What the Envoy behind the Ingress objects runs: its bootstrap as text, and the port that it listens on. */
export interface Router {
  readonly config: string;
  readonly port: number;
}

export const SERVICE_PORT = 80;

const CONFIG_FOLDER = '/etc/envoy';
const CONFIG_FILE = 'envoy.yaml';
const REPLICAS = 2;
const NOBODY = 65532;
const MS_PER_SECOND = 1000;
/** Longer than controllers take to learn that an endpoint is gone. */
const UNKNOWN_SECONDS = 10;
const SPARE_SECONDS = 15;

export function routerName({ diversion }: IngressPlan): string {
  return `shunt-${diversion}-router`;
}

/** The ConfigMap, Deployment, Service and disruption budget of the Envoy behind the Ingress objects. */
export function routerObjects(
  plan: IngressPlan,
  { namespace }: IngressSettings,
  router: Router,
): JsonObject[] {
  const name = routerName(plan);
  const selector = { app: name };
  const object = (apiVersion: string, kind: string, rest: JsonObject): JsonObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...rest,
  });
  return [
    object('v1', 'ConfigMap', { data: { [CONFIG_FILE]: router.config } }),
    object('apps/v1', 'Deployment', {
      spec: {
        replicas: REPLICAS,
        selector: { matchLabels: selector },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: podTemplate(plan, router, selector),
      },
    }),
    object('policy/v1', 'PodDisruptionBudget', {
      spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
    }),
    object('v1', 'Service', {
      spec: { selector, ports: [{ name: 'http', port: SERVICE_PORT, targetPort: router.port }] },
    }),
  ];
}

/** A new configuration is a new pod: the routes change with the hosts alone. */
function podTemplate(plan: IngressPlan, router: Router, labels: JsonObject): JsonObject {
  const { telemetryPort } = plan.sidecar;
  return {
    metadata: {
      labels,
      annotations: {
        'checksum/config': createHash('sha256').update(router.config).digest('hex').slice(0, 16),
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(telemetryPort),
      },
    },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: leaveSeconds(plan) + SPARE_SECONDS,
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: labels },
        },
      ],
      containers: [container(plan, router)],
      volumes: [
        { name: 'config', configMap: { name: routerName(plan) } },
        { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ],
    },
  };
}

/** Envoy ends at once when told to; until then the longest request that it may have begun has its answer. */
function leaveSeconds({ targets }: IngressPlan): number {
  const longest = Math.max(...targets.map(({ timeout }) => timeout));
  return UNKNOWN_SECONDS + Math.ceil(longest / MS_PER_SECOND);
}

function container(plan: IngressPlan, { port }: Router): JsonObject {
  const { sidecar } = plan;
  const { cpuRequest, memoryRequest, cpuLimit, memoryLimit } = sidecar.resources;
  return {
    name: 'router',
    image: sidecar.image,
    command: ['envoy'],
    args: [
      '--config-path',
      `${CONFIG_FOLDER}/${CONFIG_FILE}`,
      '--concurrency',
      '2',
      '--log-level',
      'warning',
    ],
    ports: [
      { name: 'http', containerPort: port },
      { name: 'metrics', containerPort: sidecar.telemetryPort },
    ],
    readinessProbe: { httpGet: { path: '/healthz', port: sidecar.telemetryPort }, periodSeconds: 5 },
    lifecycle: { preStop: { exec: { command: ['sleep', String(leaveSeconds(plan))] } } },
    resources: {
      requests: { cpu: cpuRequest, memory: memoryRequest },
      limits: { cpu: cpuLimit, memory: memoryLimit },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: NOBODY,
      runAsGroup: NOBODY,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'run', mountPath: RUN_DIRECTORY },
    ],
  };
}
