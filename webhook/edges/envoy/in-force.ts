import type { Json } from '../../core/json.ts';
import { quotePattern } from '../../core/pattern.ts';
import type { Plan } from '../../core/plan.ts';
import { SIDECAR_FILES } from '../pod-paths.ts';
import { adminPage } from './admin.ts';
import { targetClusterName } from './names.ts';

/*
 * What a sidecar says of the configuration that it runs: two pages of its telemetry port. Each file of the configuration
 * has a version, and Envoy reports the version of the last file that it accepted.
 */

/** Versions in force, rejected updates, and requests by where they went: JSON of Envoy's statistics. */
export const IN_FORCE_PATH = '/in-force';

/** The share in force: JSON of Envoy's runtime. */
export const RUNTIME_PATH = '/in-force/runtime';

/** Last part of the name of the statistics of requests for a diverted host that go to production. */
export const PRODUCTION_STATISTICS = 'shunt-production';

/** No name of an upstream, target or diversion holds a dot. */
const STATISTICS = [
  '(listener_manager\\.lds|cluster_manager\\.cds|http\\.[^.]+\\.rds\\.[^.]+)\\.(version_text|update_rejected|update_failure)',
  `vhost\\.[^.]+\\.route\\.${PRODUCTION_STATISTICS}\\.upstream_rq_total`,
];

/** The routes of the two pages. */
export function inForceRoutes({ diversion, targets }: Plan): Json[] {
  const clusters = targets.map(({ role }) => quotePattern(targetClusterName(diversion, role))).join('|');
  const answers = `cluster\\.(${clusters})\\.upstream_rq_(completed|5xx)`;
  const filter = encodeURIComponent(`^(${[...STATISTICS, answers].join('|')})$`);
  return [
    adminPage(IN_FORCE_PATH, `/stats?format=json&filter=${filter}`),
    adminPage(RUNTIME_PATH, '/runtime'),
  ];
}

const ROUTES_FILE = /^rds\.([^.]+)\.yaml$/;

/** The name in Envoy's statistics of the subscription that reads a file; undefined for a file without one. */
export function subscriptionOf(file: string): string | undefined {
  if (file === SIDECAR_FILES.listeners) return 'listener_manager.lds';
  if (file === SIDECAR_FILES.clusters) return 'cluster_manager.cds';
  const upstream = ROUTES_FILE.exec(file)?.[1];
  return upstream === undefined ? undefined : `http.${egressStatistics(upstream)}.rds.${upstream}`;
}

/** Name of a listener's statistics. */
export function egressStatistics(upstream: string): string {
  return `${upstream}_egress`;
}
