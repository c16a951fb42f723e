import { divertEdits } from '../../edges/envoy/divert.ts';
import { revert } from '../../edges/envoy/revert.ts';
import type { Plan } from '../../edges/plan.ts';
import { type Coded, flaw } from '../finding.ts';
import type { EnvoySubject } from '../scene.ts';

/** Routes to a declared upstream that no copy can divert. */
export function unsupportedRoutes(plan: Plan, { file, prefix, config }: EnvoySubject): Coded[] {
  const { report } = divertEdits(revert(config, plan.diversion), plan);
  return report.unsupported
    .filter(({ bypass }) => bypass)
    .map(({ path, reason }) =>
      flaw('route-blind', {
        file,
        path: `${prefix}${path}`,
        message: `cannot be diverted by host: ${reason}`,
      }),
    );
}
