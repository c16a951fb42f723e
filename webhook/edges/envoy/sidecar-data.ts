import type { Plan, PlannedWorkload } from '../../core/plan.ts';
import { DIVERSION_FILE, SHARE_KEY } from '../../core/pod-paths.ts';
import { writeYaml } from '../write.ts';
import { sidecarConfig } from './sidecar.ts';

/**
 * The data of the ConfigMap that a workload's pods mount: the diversion and the share for all of them, and the
 * proxy's configuration for those that are given a sidecar.
 */
export function sidecarData(
  plan: Plan,
  workload: PlannedWorkload,
  diversionText: string,
): Record<string, string> {
  const shared = { [DIVERSION_FILE]: diversionText, [SHARE_KEY]: String(plan.share) };
  if (workload.listeners.length === 0) return shared;
  const files = Object.entries(sidecarConfig(plan, workload));
  return { ...Object.fromEntries(files.map(([name, config]) => [name, writeYaml(config)])), ...shared };
}
