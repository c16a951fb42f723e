import type { JsonObject } from '../core/json.ts';
import { atsFiles } from '../edges/ats/files.ts';
import { sidecarData } from '../edges/envoy/sidecar-data.ts';
import { ingressObjects } from '../edges/ingress/objects.ts';
import { INGRESS_KINDS } from '../edges/ingress/settings.ts';
import { topologyObjects } from '../edges/ingress/topology-objects.ts';
import { knativeValues } from '../edges/knative/values.ts';
import type { Plan } from '../edges/plan.ts';
import { configMapName } from '../edges/pod-paths.ts';
import { writeYaml } from '../edges/write.ts';

/** Files that belong together, by their names. */
export type RenderedFiles = Readonly<Record<string, string>>;

/**
 * What the diversion is rendered to, edge by edge; an edge that it does not declare is left out. The kinds of ingress
 * are alternatives, so each is on its own, and so is each topology.
 */
export function renderedEdges(plan: Plan, diversionText: string): RenderedFiles[] {
  const ats = atsFiles(plan);
  const ingress = INGRESS_KINDS.flatMap((kind) => {
    const objects = ingressObjects(kind, plan);
    return objects.ok ? [{ [`ingress ${kind}`]: printed(objects.value) }] : [];
  });
  const fronts = INGRESS_KINDS.flatMap((kind) => {
    const objects = topologyObjects('ingress-all', kind, plan);
    return objects.ok ? [{ [`ingress ${kind}, topology ingress-all`]: printed(objects.value) }] : [];
  });
  const knative = knativeValues(plan);
  const workloads = plan.workloads.filter(({ listeners }) => listeners.length > 0);
  return [
    ...ingress,
    ...fronts,
    ...(ats.ok ? [titled('ats', ats.value.files)] : []),
    ...(knative.ok ? [{ 'knative values': writeYaml(knative.value) }] : []),
    ...workloads.map((workload) => ({
      [`sidecar ${workload.name}`]: writeYaml(
        configMap(configMapName(plan.diversion, workload.name), sidecarData(plan, workload, diversionText)),
      ),
    })),
  ];
}

function printed(objects: readonly JsonObject[]): string {
  return objects.map(writeYaml).join('---\n');
}

function titled(edge: string, files: RenderedFiles): RenderedFiles {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${edge} ${name}`, text]));
}

function configMap(name: string, data: Readonly<Record<string, string>>): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}
