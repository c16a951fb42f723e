import type { Json, JsonObject } from '../../core/json.ts';
import type { RouteDestination } from './destination.ts';
import { field, objectField, withSnakeFields } from './fields.ts';

/** A route of a list, and what it chooses. */
export interface ClassifiedRoute {
  readonly route: JsonObject;
  readonly destination: RouteDestination;
}

/**
 * How many routes directly in front of this one take a share of its requests to an upstream with the same target: the
 * same conditions and a runtime fraction. A route can have one fraction only, so such a split gets no copy; the copy of
 * the whole is in front of it as well.
 */
export function splitsBefore(routes: readonly ClassifiedRoute[], index: number): number {
  const whole = routes[index];
  if (!whole || hasFraction(whole.route)) return 0;
  let count = 0;
  while (isSplitOf(routes[index - count - 1], whole)) count++;
  return count;
}

/** Whether the route already decides by chance. */
export function hasFraction(route: JsonObject): boolean {
  return field(field(route, 'match'), 'runtime_fraction') !== undefined;
}

function isSplitOf(route: ClassifiedRoute | undefined, whole: ClassifiedRoute): boolean {
  if (
    route?.destination.kind !== 'upstream' ||
    whole.destination.kind !== 'upstream' ||
    !hasFraction(route.route)
  )
    return false;
  const sameTarget = route.destination.upstream.target.role === whole.destination.upstream.target.role;
  return sameTarget && conditionsOf(route.route) === conditionsOf(whole.route);
}

function conditionsOf(route: JsonObject): string {
  const { runtime_fraction: _fraction, ...conditions } = withSnakeFields(objectField(route, 'match') ?? {});
  return JSON.stringify(conditions satisfies Record<string, Json | undefined>);
}
