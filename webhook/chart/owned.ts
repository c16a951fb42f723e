import { isIpAddress } from '../core/host.ts';
import type { Plan } from '../edges/plan.ts';
import { configMapName } from '../edges/pod-paths.ts';

/** In each namespace the names of the ConfigMaps, and likewise of the NetworkPolicies, that are kept beside injected pods. */
export function ownedNames({ diversion, workloads }: Plan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    workloadNamespaces({ workloads }).map((namespace) => {
      const own = workloads.filter(({ namespaces }) => namespaces.includes(namespace));
      return [namespace, own.map(({ name }) => configMapName(diversion, name)).sort()];
    }),
  );
}

/** The targets of workloads whose addresses are not known, so that a NetworkPolicy could only name their port. */
export function openTargets({ workloads }: Plan): string[] {
  const targets = workloads.flatMap(({ upstreams }) => upstreams.map(({ target }) => target));
  const open = targets.filter(({ networks, address }) => networks === undefined && !isIpAddress(address));
  return [...new Set(open.map(({ role }) => role))].sort();
}

/** Every namespace that a workload lives in, once. */
export function workloadNamespaces({
  workloads,
}: {
  readonly workloads: readonly { readonly namespaces: readonly string[] }[];
}): string[] {
  return [...new Set(workloads.flatMap(({ namespaces }) => namespaces))].sort();
}
