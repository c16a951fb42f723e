import type { Plan } from '../core/plan.ts';
import { configMapName } from '../core/pod-paths.ts';

/** In each namespace the names of the ConfigMaps, and likewise of the NetworkPolicies, that are kept beside injected pods. */
export function ownedNames({ diversion, workloads }: Plan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    workloadNamespaces({ workloads }).map((namespace) => {
      const own = workloads.filter(({ namespaces }) => namespaces.includes(namespace));
      return [namespace, own.map(({ name }) => configMapName(diversion, name)).sort()];
    }),
  );
}

/** Every namespace that a workload lives in, once. */
export function workloadNamespaces({
  workloads,
}: {
  readonly workloads: readonly { readonly namespaces: readonly string[] }[];
}): string[] {
  return [...new Set(workloads.flatMap(({ namespaces }) => namespaces))].sort();
}
