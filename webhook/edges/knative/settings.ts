import type { EdgeSettings } from '../../core/diversion.ts';
import type { Plan } from '../../core/plan.ts';

/** How a name of the other environment is looked up by the proxies of an Istio mesh. */
export const RESOLUTIONS = ['DNS', 'DNS_ROUND_ROBIN'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What is needed to divert the egress of a cluster whose pods reach production through Istio. */
export interface KnativeSettings {
  /** The VirtualService, as the cluster's values name it, whose routes lead the diverted hosts to production. */
  readonly virtualService: string;
  /** Name of the production upstream of those routes. */
  readonly upstream: string;
  /** The plain HTTP ports of the mesh by which pods call it, with the names that they have in the ServiceEntries. */
  readonly ports: readonly MeshPort[];
  readonly resolution: Resolution;
  /** PEM bundle for the target's certificate, as a path where the mesh's proxies run. */
  readonly caFile: string;
  /** Those of today's routes, for when their file is not at hand; absent: none. */
  readonly retries?: MeshRetries;
  /** Labels of the namespaces whose pods are let out to the target (Calico); absent: no policy is written. */
  readonly namespaces?: Readonly<Record<string, string>>;
}

export interface MeshPort {
  readonly name: string;
  readonly number: number;
}

export interface MeshRetries {
  readonly attempts: number;
  /** Comma-separated, as Istio takes it. */
  readonly retryOn: string;
}

interface KnativeEdgeSettings extends EdgeSettings {
  readonly knative?: KnativeSettings;
}

/** A plan with these settings. */
export type KnativePlan = Plan<KnativeEdgeSettings>;
