import type { Plan, PlannedWorkload } from '../../core/plan.ts';
import { DIVERSION_FILE, SHARE_KEY } from '../pod-paths.ts';
import { writeYaml } from '../write.ts';
import { sidecarConfig } from './sidecar.ts';
import { authoritiesFiles } from './target-authorities.ts';

/**
 * The data of the ConfigMap that a workload's pods mount: the diversion and the share for all of them, and the
 * proxy's configuration for those that are given a sidecar, or the targets' authorities for an Envoy of their own.
 */
export function sidecarData(
  plan: Plan,
  workload: PlannedWorkload,
  diversionText: string,
): Record<string, string> {
  const files = {
    ...(workload.listeners.length > 0 ? sidecarConfig(plan, workload) : {}),
    ...(usesOwnEnvoy(workload) ? authoritiesFiles(plan) : {}),
  };
  const written = Object.entries(files).map(([name, config]) => [name, writeYaml(config)]);
  return {
    ...Object.fromEntries(written),
    [DIVERSION_FILE]: diversionText,
    [SHARE_KEY]: String(plan.share),
  };
}

/** Whether the pods have an Envoy of their own, or may have one day. */
function usesOwnEnvoy({ captures, withOwnEnvoy }: PlannedWorkload): boolean {
  return withOwnEnvoy !== undefined || captures.some(({ kind }) => kind === 'envoy');
}
