import type { Plan } from '../../core/plan.ts';
import { divertEdits } from '../../edges/envoy/divert.ts';
import { revert } from '../../edges/envoy/revert.ts';
import { type Coded, flaw } from '../finding.ts';
import type { EnvoySubject } from '../scene.ts';

/** Routes that lead to a declared upstream in a way that no copy could do justice. */
export function blindRoutes(plan: Plan, { file, prefix, config }: EnvoySubject): Coded[] {
  const { report } = divertEdits(revert(config, plan.diversion), plan);
  return report.blind
    .filter(({ bypass }) => bypass)
    .map(({ path, reason }) =>
      flaw('route-blind', {
        file,
        path: `${prefix}${path}`,
        message: `cannot be diverted by host: ${reason}`,
      }),
    );
}
