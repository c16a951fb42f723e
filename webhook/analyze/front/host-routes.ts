import type { JsonObject } from '../../core/json.ts';
import { objectsAt, textAt } from '../fields.ts';
import { matchesFully } from '../pattern.ts';
import type { ObjectSubject } from '../scene.ts';

/** Of these HTTPRoutes the ones that may take requests of an authority, found once for each: many hosts have many routes. */
export function hostRoutes(
  routes: readonly ObjectSubject[],
): (authority: string) => readonly ObjectSubject[] {
  const prepared = routes.map((route) => ({ route, patterns: hostPatterns(route.object) }));
  const known = new Map<string, readonly ObjectSubject[]>();
  return (authority) => {
    const found =
      known.get(authority) ??
      prepared
        .filter(({ patterns }) => patterns.some((pattern) => mayTake(pattern, authority)))
        .map(({ route }) => route);
    known.set(authority, found);
    return found;
  };
}

/** The expressions that a route has for Host; undefined among them where something is taken without one. */
function hostPatterns(route: JsonObject): (string | undefined)[] {
  const patterns = objectsAt(route, 'spec', 'rules').flatMap((rule) => {
    const conditions = objectsAt(rule, 'matches');
    return conditions.length === 0 ? [undefined] : conditions.map(hostPattern);
  });
  return [...new Set(patterns)];
}

function hostPattern(match: JsonObject): string | undefined {
  const header = objectsAt(match, 'headers').find(
    ({ name, type }) => type === 'RegularExpression' && String(name).toLowerCase() === 'host',
  );
  return textAt(header, 'value');
}

function mayTake(pattern: string | undefined, authority: string): boolean {
  return pattern === undefined || matchesFully(pattern, authority) !== false;
}
