import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { at, objectsAt, textAt } from '../fields.ts';
import { matchesFully } from '../pattern.ts';
import type { ObjectSubject } from '../scene.ts';
import type { IngressRequest } from './table.ts';

/** A rule of an HTTPRoute, and one of the conditions under which it takes requests. */
export interface Candidate {
  readonly route: ObjectSubject;
  readonly rule: JsonObject;
  readonly index: number;
  readonly match: Json;
}

/** The rule of these HTTPRoutes that takes a request: the most specific of those that match. */
export function ruleFor(routes: readonly ObjectSubject[], request: IngressRequest): Candidate | undefined {
  const candidates = routes.flatMap(candidatesOf).filter(({ match }) => matches(match, request));
  return candidates.sort((a, b) => compareRank(rank(b.match), rank(a.match)))[0];
}

function candidatesOf(route: ObjectSubject): Candidate[] {
  return objectsAt(route.object, 'spec', 'rules').flatMap((rule, index) => {
    const conditions = objectsAt(rule, 'matches');
    // Without a list there is a default, the prefix of all paths; an empty list has no condition at all.
    const whole: readonly Json[] = at(rule, 'matches') === undefined ? [{}] : [null];
    return (conditions.length > 0 ? conditions : whole).map((match) => ({ route, rule, index, match }));
  });
}

function matches(match: Json, { method, path, headers }: IngressRequest): boolean {
  const [plain = ''] = path.split('?', 1);
  const wanted = textAt(match, 'method');
  return (
    (wanted === undefined || wanted === method) &&
    pathMatches(
      textAt(match, 'path', 'type') ?? 'PathPrefix',
      textAt(match, 'path', 'value') ?? '/',
      plain,
    ) &&
    objectsAt(match, 'headers').every((header) => headerMatches(header, headers))
  );
}

function pathMatches(type: string, value: string, path: string): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return matchesFully(value, path) ?? true;
  const prefix = value.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}

function headerMatches(header: JsonObject, headers: IngressRequest['headers']): boolean {
  const value = headers[String(header['name']).toLowerCase()];
  const wanted = String(header['value']);
  if (value === undefined) return false;
  return header['type'] === 'RegularExpression' ? (matchesFully(wanted, value) ?? true) : value === wanted;
}

const PATH_RANK: Readonly<Record<string, number>> = { Exact: 3, PathPrefix: 2, RegularExpression: 1 };

/**
 * Exact paths first, then prefixes, then expressions, as Istio has it, where the standard says nothing of expressions;
 * then longer ones, then a method, then more headers; the first in the files where all is equal.
 */
function rank(match: Json): readonly number[] {
  if (!isObject(match)) return [0];
  return [
    PATH_RANK[textAt(match, 'path', 'type') ?? 'PathPrefix'] ?? 0,
    (textAt(match, 'path', 'value') ?? '/').length,
    textAt(match, 'method') === undefined ? 0 : 1,
    objectsAt(match, 'headers').length,
  ];
}

function compareRank(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
