import type { Plan } from '../core/plan.ts';
import { configMapName } from '../core/pod-paths.ts';

/** Names of the ConfigMaps, and likewise of the NetworkPolicies, that the controller keeps beside injected pods. */
export function ownedNames({ diversion, workloads }: Plan): string[] {
  return workloads.map(({ name }) => configMapName(diversion, name)).sort();
}

/** Every namespace that a workload lives in, once. */
export function workloadNamespaces({
  workloads,
}: {
  readonly workloads: readonly { readonly namespaces: readonly string[] }[];
}): string[] {
  return [...new Set(workloads.flatMap(({ namespaces }) => namespaces))].sort();
}
