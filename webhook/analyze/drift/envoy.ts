import type { Json } from '../../core/json.ts';
import { divert } from '../../edges/envoy/divert.ts';
import type { Plan } from '../../edges/plan.ts';
import type { EnvoySubject } from '../scene.ts';
import { type Difference, differences } from './compare.ts';
import { hasTrace } from './trace.ts';

/** An Envoy's configuration that holds parts of this diversion, against the same one with these parts put in now. */
export function envoyDrift(plan: Plan, { config }: EnvoySubject): Difference[] {
  const text = JSON.stringify(config);
  if (!hasTrace(plan, text)) return [];
  const expected = JSON.parse(JSON.stringify(divert(config, plan).config)) as Json;
  return differences(expected, JSON.parse(text) as Json);
}
