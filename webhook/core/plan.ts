import type {
  Diversion,
  Edge,
  EdgeSettings,
  OwnEnvoy,
  Percent,
  SidecarSettings,
  Target,
  Upstream,
  Workload,
} from './diversion.ts';
import type { Host } from './host.ts';

/** An upstream whose target is resolved. */
export interface PlannedUpstream extends Omit<Upstream, 'target'> {
  readonly target: Target;
}

/** An upstream that an injected pod reaches through a local port. */
export interface Listener {
  readonly port: number;
  readonly upstream: PlannedUpstream;
}

export interface PlannedWorkload extends Omit<Workload, 'upstreams' | 'ownEnvoy'> {
  readonly upstreams: readonly PlannedUpstream[];
  /** The upstreams of the injected sidecar, by port; none for a pod whose own Envoy is captured. */
  readonly listeners: readonly Listener[];
  /** The same workload in a pod that has an Envoy of its own. */
  readonly withOwnEnvoy?: PlannedWorkload;
  /** In such a pod: the app whose configuration must not name an upstream past that Envoy. */
  readonly app?: Pick<PlannedWorkload, 'container' | 'captures' | 'listeners'>;
}

/**
 * What every edge is rendered from and every decision is made by: the diversion with its references resolved,
 * in a fixed order. It names no proxy and no dialect.
 */
export interface Plan<E extends EdgeSettings = EdgeSettings> {
  readonly diversion: string;
  /** Sorted, canonical. */
  readonly hosts: readonly Host[];
  /** The share that is in force: 0 while the diversion is not enabled. */
  readonly share: Percent;
  readonly enabled: boolean;
  readonly targets: readonly Target[];
  readonly upstreams: readonly PlannedUpstream[];
  /** Names of the upstreams that each edge diverts, as the edge itself says. */
  readonly diverts: Readonly<Record<Edge, readonly string[]>>;
  readonly workloads: readonly PlannedWorkload[];
  readonly edges: E;
  readonly sidecar: SidecarSettings;
}

/** Resolves a checked diversion. Throws only when the parser let a dangling reference through, which is a bug. */
export function plan<E extends EdgeSettings>(diversion: Diversion<E>): Plan<E> {
  const upstreams = [...diversion.upstreams].sort(byName).map((upstream) => ({
    ...upstream,
    target: required(diversion.targets[upstream.target], `target ${upstream.target}`),
  }));
  return {
    diversion: diversion.name,
    hosts: [...diversion.hosts].sort(),
    share: diversion.enabled ? diversion.share : (0 as Percent),
    enabled: diversion.enabled,
    targets: Object.values(diversion.targets).sort((a, b) => compare(a.role, b.role)),
    upstreams,
    diverts: diversion.diverts,
    workloads: [...diversion.workloads].sort(byName).map((workload) => planWorkload(workload, upstreams)),
    edges: diversion.edges,
    sidecar: diversion.sidecar,
  };
}

function planWorkload(workload: Workload, upstreams: readonly PlannedUpstream[]): PlannedWorkload {
  const own = workload.upstreams.map((name) =>
    required(
      upstreams.find((candidate) => candidate.name === name),
      `upstream ${name}`,
    ),
  );
  const { ownEnvoy, ...declared } = workload;
  const planned = {
    ...declared,
    upstreams: own,
    listeners: needsSidecar(workload) ? listenersTo(own) : [],
  };
  return ownEnvoy ? { ...planned, withOwnEnvoy: besideOwnEnvoy(planned, ownEnvoy) } : planned;
}

function besideOwnEnvoy(planned: PlannedWorkload, { container, path, files }: OwnEnvoy): PlannedWorkload {
  const { container: app, captures, listeners } = planned;
  return {
    ...planned,
    container,
    captures: [{ kind: 'envoy', path, files }],
    listeners: [],
    app: { container: app, captures, listeners },
  };
}

/** Whether calls are routed to a sidecar of ours, rather than through an Envoy that the pod already has. */
export function needsSidecar({ captures }: Pick<Workload, 'captures'>): boolean {
  return captures.some((capture) => capture.kind !== 'envoy');
}

function listenersTo(upstreams: readonly PlannedUpstream[]): Listener[] {
  return upstreams
    .map((upstream) => ({
      port: required(upstream.listenerPort, `listener port of ${upstream.name}`),
      upstream,
    }))
    .sort((a, b) => a.port - b.port);
}

/** The workload of that name, or undefined. */
export function findWorkload(plan: Plan, name: string): PlannedWorkload | undefined {
  return plan.workloads.find((workload) => workload.name === name);
}

/** The upstream that owns this address and port; host names compare without regard to case or a trailing dot. */
export function findUpstreamAt(plan: Plan, address: string, port: number): PlannedUpstream | undefined {
  const wanted = address.toLowerCase().replace(/\.$/, '');
  return plan.upstreams.find(
    (upstream) => upstream.port === port && upstream.addresses.some((own) => own.toLowerCase() === wanted),
  );
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the parser accepted a diversion without ${what}`);
  return value;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
