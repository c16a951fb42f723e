import type { JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { configMapName } from '../edges/pod-paths.ts';

/** The ConfigMap that a workload's pods mount, with that data, in one of its namespaces. */
export function workloadConfigMap(
  plan: Plan,
  workload: PlannedWorkload,
  namespace: string,
  data: Readonly<Record<string, string>>,
): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName(plan.diversion, workload.name),
      namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'pretrain-shunt',
        'shunt.wikimedia.org/diversion': plan.diversion,
      },
    },
    data: { ...data },
  };
}
