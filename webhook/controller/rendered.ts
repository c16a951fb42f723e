import type { JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { digest } from '../edges/digest.ts';
import { sidecarData } from '../edges/envoy/sidecar-data.ts';
import type { Plan } from '../edges/plan.ts';
import { configMapName } from '../edges/pod-paths.ts';
import type { Written } from '../observe/in-force.ts';
import { writtenIn } from '../observe/written.ts';
import { egressRules } from './network-policy.ts';

/** What the pods of one workload read, the same in each of its namespaces. */
export interface RenderedWorkload {
  readonly workload: PlannedWorkload;
  /** Name of its ConfigMap, and of its NetworkPolicy. */
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** Digest of the data. */
  readonly revision: string;
  readonly egress: readonly JsonObject[];
  /** What its proxies are to run. */
  readonly written: Written;
}

/** A diversion that was read, and everything that follows from it. */
export interface Rendered {
  readonly text: string;
  /** The resourceVersion of what it was read from. */
  readonly version?: string | undefined;
  readonly plan: Plan;
  readonly workloads: readonly RenderedWorkload[];
}

export function renderDiversion(text: string, plan: Plan): Rendered {
  const workloads = plan.workloads.map((workload) => {
    const data = sidecarData(plan, workload, text);
    const name = configMapName(plan.diversion, workload.name);
    const revision = digest(data);
    const written = writtenIn(data, revision);
    return { workload, name, data, revision, egress: egressRules(workload), written };
  });
  return { text, plan, workloads };
}
