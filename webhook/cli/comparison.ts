import { needsSidecar } from '../core/plan.ts';
import { servedAtIngress } from '../core/sites.ts';
import { TOPOLOGIES, type Topology, workloadsIn } from '../edges/ingress/topology.ts';
import type { Plan } from '../edges/plan.ts';
import { shareRuntimeKey } from '../edges/pod-paths.ts';
import { type Hop, type Journey, journeys } from './journeys.ts';

/** One question, and its answer for each topology: a list, which may be empty. */
export interface ComparedRow {
  readonly question: string;
  readonly answers: Readonly<Record<Topology, readonly string[]>>;
}

/** Both topologies side by side, as the plan has them. */
export function compareTopologies(plan: Plan): ComparedRow[] {
  const all = journeys(plan);
  return [
    row('the diversion stands at', (topology) => deciding(all, topology)),
    ...all.flatMap((journey) => [
      row(title(journey), (topology) => [wayText(journey.ways[topology].diverted)]),
      row(`${title(journey)}, another host`, (topology) => [wayText(journey.ways[topology].others)]),
    ]),
    row('not diverted', (topology) => leaks(all, topology)),
    row('ingress down: diverted hosts lose', (topology) => lost(all, topology, 'diverted')),
    row('ingress down: all other hosts lose', (topology) => lost(all, topology, 'others')),
    ...changesOfCallers(plan),
    ...changesOfModelServers(plan),
    ...changesOfServices(plan),
    ...turns(plan, all),
  ];
}

function row(question: string, answer: (topology: Topology) => readonly string[]): ComparedRow {
  const answers = Object.fromEntries(
    TOPOLOGIES.map((topology) => [topology, [...new Set(answer(topology))]]),
  );
  return { question, answers: answers as Record<Topology, string[]> };
}

function title({ kind, caller, upstream }: Journey): string {
  return upstream === '' ? `${kind}, from ${caller}` : `${kind}, ${caller} to ${upstream}`;
}

function wayText(way: readonly Hop[] | undefined): string {
  if (way === undefined) return 'not diverted';
  return way.length === 0 ? 'direct (0 hops)' : `${way.join(' > ')} (${way.length})`;
}

function deciding(all: readonly Journey[], topology: Topology): Hop[] {
  return all.flatMap(({ ways }) => ways[topology].decides ?? []);
}

function leaks(all: readonly Journey[], topology: Topology): string[] {
  return all.filter(({ ways }) => ways[topology].diverted === undefined).map(title);
}

function lost(all: readonly Journey[], topology: Topology, which: 'diverted' | 'others'): string[] {
  const hit = all.filter(({ ways }) => ways[topology][which]?.includes('ingress'));
  return hit.map(({ kind, upstream }) => (upstream === '' ? kind : `${kind} to ${upstream}`));
}

/** A caller changes where the diversion is in its pods. */
function changesOfCallers({ workloads, edges }: Plan): ComparedRow[] {
  const named = Object.fromEntries(
    workloads.map(({ name, upstreams }) => [name, { upstreams: upstreams.map((own) => own.name) }]),
  );
  return workloads.map((workload) => {
    const gets = needsSidecar(workload) ? 'gets a sidecar' : 'has its Envoy diverted';
    const restart = `namespace ${workload.namespaces.join(', ')} opts in and restarts: ${gets}`;
    return row(`${workload.name} changes`, (topology) =>
      workload.name in workloadsIn(topology, named, edges.ingressAll) ? [restart] : [],
    );
  });
}

function changesOfModelServers(plan: Plan): ComparedRow[] {
  const { knative } = plan.edges;
  if (!knative) return [];
  const merged = [`the values of VirtualService ${knative.virtualService} get the diversion`];
  const freed = servedAtIngress(plan, knative.upstream) !== undefined;
  return [row('model servers change', (topology) => (topology === 'ingress-all' && freed ? [] : merged))];
}

/** A production service changes where the ingress takes its place. */
function changesOfServices({ edges, upstreams }: Plan): ComparedRow[] {
  return edges.ingressAll.map((service) => {
    const own = upstreams.filter(({ name }) => service.upstreams.includes(name));
    const moved = own.map(
      ({ addresses: [address = ''], port }) => `${address}:${port} must lead to port ${port} of the ingress`,
    );
    return row(`${service.name} changes`, (topology) => (topology === 'pods' ? [] : moved));
  });
}

/** How each place is told its share, and how soon it follows; measured, and said nowhere else in the plan. */
function turns({ diversion }: Plan, all: readonly Journey[]): ComparedRow[] {
  const live = `runtime key ${shareRuntimeKey(diversion)}: within a second of its ConfigMap reaching the node`;
  const by: Readonly<Record<Hop, string>> = {
    CDN: `file shunt-${diversion}.share on each machine: read once a second`,
    'REST gateway': live,
    sidecar: live,
    'own Envoy': live,
    'Istio egress': 'weights in the values of net_istio.mesh: with their next deployment',
    ingress: 'weights in its objects (helm upgrade): within a second of the API server taking them',
  };
  const hops = [...new Set(TOPOLOGIES.flatMap((topology) => deciding(all, topology)))];
  return hops.map((hop) =>
    row(`share at the ${hop}`, (topology) => (deciding(all, topology).includes(hop) ? [by[hop]] : [])),
  );
}
