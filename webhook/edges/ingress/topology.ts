import type { ServedService } from '../../core/diversion.ts';

/** Where the diversion stands: at the callers of production's services, or at one ingress in front of these. */
export const TOPOLOGIES = ['pods', 'ingress-all'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

/**
 * Workloads as one topology has them: in `ingress-all` pods divert only what does not stand behind the ingress, and those
 * that call nothing else are left alone.
 */
export function workloadsIn<W extends { readonly upstreams: readonly string[] }>(
  topology: Topology,
  workloads: Readonly<Record<string, W>>,
  ingressAll: readonly ServedService[],
): Record<string, W> {
  if (topology === 'pods') return { ...workloads };
  const served = new Set(ingressAll.flatMap(({ upstreams }) => upstreams));
  const left = Object.entries(workloads).map(([name, workload]): [string, W] => [
    name,
    { ...workload, upstreams: workload.upstreams.filter((upstream) => !served.has(upstream)) },
  ]);
  return Object.fromEntries(left.filter(([, { upstreams }]) => upstreams.length > 0));
}
