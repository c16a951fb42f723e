import type * as core from '../core/diversion.ts';
import type { Plan as CorePlan } from '../core/plan.ts';
import type { AtsSettings } from './ats/settings.ts';
import type { ProductionService } from './ingress/production-service.ts';
import type { IngressSettings } from './ingress/settings.ts';
import type { KnativeSettings } from './knative/settings.ts';

/** The settings of all edges together. */
export interface EdgeSettings extends core.EdgeSettings {
  readonly ats?: AtsSettings;
  readonly ingress?: IngressSettings;
  readonly ingressAll: readonly ProductionService[];
  readonly knative?: KnativeSettings;
}

/** A diversion as it is declared: with the settings of every edge. */
export type Diversion = core.Diversion<EdgeSettings>;

/** What such a diversion is resolved to. */
export type Plan = CorePlan<EdgeSettings>;
