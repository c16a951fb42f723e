import type { JsonObject } from '../../core/json.ts';
import { type Flawed, flaw } from '../finding.ts';
import type { Led, MeshService } from './mesh-service.ts';
import { portsOf } from './virtual-service.ts';

/** What a diverted copy of a route has of its own, or leaves out. */
const OWN = new Set([
  'name',
  'match',
  'route',
  'mirror',
  'mirrors',
  'mirrorPercentage',
  'mirrorPercent',
  'mirror_percent',
]);

/** A diverted request keeps all but its upstream: headers, retries, timeouts and rewrites of the route to production stay. */
export function keptFlaws(service: MeshService, index: number): Flawed[] {
  const copy = service.routes[index];
  const original = originalOf(service, index);
  if (!copy || !original) return [];
  const keys = [...new Set([...Object.keys(copy), ...Object.keys(original)])];
  const value = keys.filter(
    (key) => !OWN.has(key) && JSON.stringify(copy[key]) !== JSON.stringify(original[key]),
  );
  const message = 'differs from the route behind it in more than its destination';
  return value.length === 0 ? [] : [flaw('copy-differs', { value, message })];
}

/** The route to production that stands behind a diverted one, for the same port. */
function originalOf({ routes, leads }: MeshService, index: number): JsonObject | undefined {
  const ports = portsOf(routes[index] ?? {});
  return routes.find((route, at) => {
    const led = leads[at] ?? [];
    const isPlain = led.some(({ lead }) => lead.kind === 'upstream') && !led.some(isTarget);
    return at > index && isPlain && portsOf(route).some((port) => ports.includes(port));
  });
}

function isTarget({ lead }: Led): boolean {
  return lead.kind === 'target';
}
