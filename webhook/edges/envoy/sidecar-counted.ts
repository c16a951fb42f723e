import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { listField, objectField } from './fields.ts';
import { hostMatchersOf } from './host-matchers.ts';
import { PRODUCTION_STATISTICS } from './in-force.ts';
import { isOwned, ownedMetadata } from './names.ts';

/**
 * The routes with one more in front of each that goes to production: the same for the diverted hosts alone, with
 * statistics of its own. What arrives there was left to production by the share.
 */
export function withCountedProduction(plan: Plan, routes: readonly JsonObject[]): JsonObject[] {
  return routes.flatMap((route) => {
    if (isOwned(route, plan.diversion)) return [route];
    const { matchers } = hostMatchersOf(plan, { path: [], routes, domains: ['*'] }, route);
    const counted = matchers.map(({ headers }) => ({
      ...route,
      name: `${String(route['name'])} of a diverted host`,
      match: {
        ...objectField(route, 'match'),
        headers: [...listField(route['match'], 'headers'), ...headers],
      },
      stat_prefix: PRODUCTION_STATISTICS,
      metadata: ownedMetadata(plan.diversion, objectField(route, 'metadata')),
    }));
    return [...counted, route];
  });
}
