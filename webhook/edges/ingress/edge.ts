import { type Edge, everyUpstream, type ObjectSet } from '../edge.ts';
import { ingressPlace, upstreamPlace } from './places.ts';
import { INGRESS_KINDS, type IngressPlan } from './settings.ts';
import { TOPOLOGIES } from './topology.ts';
import { topologyObjects } from './topology-objects.ts';

/** The ingress of the other environment, in several kinds of objects and two topologies. */
export const ingress: Edge = {
  diverts: everyUpstream,
  objectSets,
  files: () => ({}),
  place: (plan, decided) =>
    decided.upstream === undefined
      ? ingressPlace(plan, decided)
      : upstreamPlace(plan, { ...decided, upstream: decided.upstream }),
};

function objectSets(plan: IngressPlan): ObjectSet[] {
  return TOPOLOGIES.flatMap((topology) =>
    INGRESS_KINDS.flatMap((kind) => {
      const objects = topologyObjects(topology, kind, plan);
      const title = topology === 'pods' ? `ingress ${kind}` : `ingress ${kind}, topology ${topology}`;
      return objects.ok ? [{ title, objects: objects.value }] : [];
    }),
  );
}
