import { needsSidecar, type PlannedUpstream } from '../core/plan.ts';
import { runsJobs } from '../core/role.ts';
import { servedAtIngress } from '../core/sites.ts';
import type { ProductionService } from '../edges/ingress/production-service.ts';
import { TOPOLOGIES, type Topology } from '../edges/ingress/topology.ts';
import type { Plan } from '../edges/plan.ts';

/** What stands between a caller and the service that answers; each may look at a request, and each can fail. */
export type Hop = 'CDN' | 'REST gateway' | 'sidecar' | 'own Envoy' | 'Istio egress' | 'ingress';

export const JOURNEY_KINDS = [
  'web',
  'API by the REST gateway',
  'internal API call',
  'job',
  'model server',
] as const;
export type JourneyKind = (typeof JOURNEY_KINDS)[number];

/** The way of one caller's requests in one topology: for diverted hosts (absent: they are not diverted), and for others. */
export interface Way {
  readonly diverted?: readonly Hop[];
  /** The hop that decides; absent where none does. */
  readonly decides?: Hop;
  readonly others: readonly Hop[];
}

export interface Journey {
  readonly kind: JourneyKind;
  readonly caller: string;
  /** Empty where the plan does not know which production service it is. */
  readonly upstream: string;
  readonly ways: Readonly<Record<Topology, Way>>;
}

/** How requests of each kind travel in each topology, as far as the plan knows their callers. */
export function journeys(plan: Plan): Journey[] {
  return [
    ...fromOutside(plan),
    ...plan.workloads.flatMap((workload) =>
      workload.upstreams.map((upstream) => ({
        kind: kindOf(upstream),
        caller: workload.name,
        upstream: upstream.name,
        ways: waysOf(plan, needsSidecar(workload) ? 'sidecar' : 'own Envoy', upstream.name),
      })),
    ),
    ...fromModelServers(plan),
    ...plan.edges.ingressAll.flatMap((service) => fromAnyone(plan, service)),
  ];
}

/** What is diverted in front of both is the same in both. */
function fromOutside({ edges }: Plan): Journey[] {
  const cdn: Way = { diverted: ['CDN', 'ingress'], decides: 'CDN', others: ['CDN'] };
  const gateway: Way = {
    diverted: ['CDN', 'REST gateway', 'ingress'],
    decides: 'REST gateway',
    others: ['CDN', 'REST gateway'],
  };
  const outside = (kind: JourneyKind, way: Way): Journey => ({
    kind,
    caller: 'outside',
    upstream: '',
    ways: inBoth(() => way),
  });
  return [
    ...(edges.ats ? [outside('web', cdn)] : []),
    ...(edges.restGateway ? [outside('API by the REST gateway', gateway)] : []),
  ];
}

/** A proxy that the pods had before stays where it is; the sidecar that we inject does not. */
function waysOf(plan: Plan, proxy: Hop, upstream: string): Journey['ways'] {
  const kept: readonly Hop[] = proxy === 'sidecar' ? [] : [proxy];
  const pods: Way = { diverted: [proxy, 'ingress'], decides: proxy, others: [proxy] };
  if (!servedAtIngress(plan, upstream)) return inBoth(() => pods);
  const behind: readonly Hop[] = [...kept, 'ingress'];
  return { pods, 'ingress-all': { diverted: behind, decides: 'ingress', others: behind } };
}

function fromModelServers(plan: Plan): Journey[] {
  const { knative } = plan.edges;
  if (!knative) return [];
  const { upstream } = knative;
  return [
    { kind: 'model server', caller: 'model servers', upstream, ways: waysOf(plan, 'Istio egress', upstream) },
  ];
}

/** Pods that no workload names go straight to the service, unless that stands behind the ingress. */
function fromAnyone(plan: Plan, service: ProductionService): Journey[] {
  const upstream = plan.upstreams.find(({ name }) => service.upstreams.includes(name));
  if (!upstream) return [];
  const ways = {
    pods: { others: [] },
    'ingress-all': { diverted: ['ingress'], decides: 'ingress', others: ['ingress'] },
  } as const;
  return [{ kind: kindOf(upstream), caller: 'any other pod', upstream: service.name, ways }];
}

function kindOf({ target }: PlannedUpstream): JourneyKind {
  return runsJobs(target.role) ? 'job' : 'internal API call';
}

function inBoth<T>(make: (topology: Topology) => T): Record<Topology, T> {
  const entries = TOPOLOGIES.map((topology) => [topology, make(topology)] as const);
  return Object.fromEntries(entries) as Record<Topology, T>;
}
