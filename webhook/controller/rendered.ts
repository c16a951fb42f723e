import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { sidecarData } from '../edges/envoy/sidecar-data.ts';
import type { Plan } from '../edges/plan.ts';
import { configMapName } from '../edges/pod-paths.ts';
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
    return { workload, name, data, revision: digest(data), egress: egressRules(workload) };
  });
  return { text, plan, workloads };
}

const DIGEST_LENGTH = 12;

/** A short digest of plain data; the order of keys does not matter. */
export function digest(value: Json | undefined): string {
  return hash('sha256', JSON.stringify(sorted(value)), 'hex').slice(0, DIGEST_LENGTH);
}

function sorted(value: Json | undefined): Json {
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
