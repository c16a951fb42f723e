import type { Plan } from '../../core/plan.ts';
import { type Edge, everyUpstream } from '../edge.ts';
import { divertedRoute } from '../envoy/place.ts';
import { sidecarData } from '../envoy/sidecar-data.ts';
import type { DecidedRequest, Place } from '../place.ts';
import { configMapName, routesFile } from '../pod-paths.ts';

/** The Envoy that is injected: a ConfigMap for each workload, which its pods mount. */
export const sidecar: Edge = {
  diverts: everyUpstream,
  objectSets: (plan, diversionText) =>
    plan.workloads.map((workload) => ({
      title: `sidecar ${workload.name}`,
      objects: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: configMapName(plan.diversion, workload.name) },
          data: sidecarData(plan, workload, diversionText),
        },
      ],
    })),
  files: () => ({}),
  place,
};

function place(plan: Plan, { upstream, decision }: DecidedRequest): Place {
  const callers = plan.workloads.filter(({ listeners }) =>
    listeners.some((listener) => listener.upstream.name === upstream),
  );
  if (callers.length === 0) return { file: '', rule: 'no workload with a sidecar calls it' };
  const maps = callers.map(({ name }) => configMapName(plan.diversion, name)).join(', ');
  return { file: `ConfigMap ${maps}: ${routesFile(upstream ?? '')}`, rule: divertedRoute(plan, decision) };
}
