import { isObject, type Json, type JsonObject } from '../../core/json.ts';

/** One place at which two trees differ. `undefined`: the entry is absent there. */
export interface Difference {
  /** Keys, and entries of lists by their name or index: `spec.http[0].route`. */
  readonly path: string;
  readonly expected: Json | undefined;
  readonly given: Json | undefined;
}

/** How to compare. */
export interface Comparing {
  /** Keys that only the given tree has are no difference: the API server adds defaults to live objects. */
  readonly allowAdded?: boolean;
}

/** Where the given tree differs from the expected one, in the order of the expected one. Linear in both sizes. */
export function differences(
  expected: Json | undefined,
  given: Json | undefined,
  comparing: Comparing = {},
  path = '',
): Difference[] {
  if (expected === given) return [];
  if (Array.isArray(expected) && Array.isArray(given)) return inLists(expected, given, comparing, path);
  if (isObject(expected) && isObject(given)) return inMappings(expected, given, comparing, path);
  return [{ path, expected, given }];
}

function inMappings(
  expected: JsonObject,
  given: JsonObject,
  comparing: Comparing,
  path: string,
): Difference[] {
  const added = comparing.allowAdded
    ? []
    : Object.keys(given).filter((key) => !Object.hasOwn(expected, key) && given[key] !== undefined);
  return [...Object.keys(expected), ...added].flatMap((key) =>
    differences(expected[key], given[key], comparing, path === '' ? key : `${path}.${key}`),
  );
}

/** Entries with names of their own are compared by name, so that one that is gone does not shift all others. */
function inLists(
  expected: readonly Json[],
  given: readonly Json[],
  comparing: Comparing,
  path: string,
): Difference[] {
  const named = [namesOf(expected), namesOf(given)] as const;
  if (named[0] === undefined || named[1] === undefined) {
    return Array.from({ length: Math.max(expected.length, given.length) }, (_, index) =>
      differences(expected[index], given[index], comparing, `${path}[${index}]`),
    ).flat();
  }
  const [wanted, found] = named;
  const own = [...wanted].flatMap(([name, item]) =>
    differences(item, found.get(name), comparing, `${path}[${name}]`),
  );
  const added = [...found]
    .filter(([name]) => !wanted.has(name))
    .map(([name, item]) => ({ path: `${path}[${name}]`, expected: undefined, given: item }));
  return own.length + added.length > 0
    ? [...own, ...added]
    : inOrder([...wanted.keys()], [...found.keys()], path);
}

function inOrder(expected: readonly string[], given: readonly string[], path: string): Difference[] {
  const isSame = expected.every((name, index) => name === given[index]);
  return isSame ? [] : [{ path: `${path} (order)`, expected, given }];
}

/** The entries by name; undefined where one has no name, or two have the same. */
function namesOf(items: readonly Json[]): ReadonlyMap<string, Json> | undefined {
  const byName = new Map<string, Json>();
  for (const item of items) {
    const name = isObject(item) ? item['name'] : undefined;
    if (typeof name !== 'string' || byName.has(name)) return undefined;
    byName.set(name, item);
  }
  return byName;
}

/** The lines at which two texts differ. */
export function lineDifferences(expected: string, given: string): Difference[] {
  const [wanted, found] = [expected.split('\n'), given.split('\n')];
  const start = wanted.findIndex((line, index) => line !== found[index]);
  if (start < 0 && wanted.length === found.length) return [];
  const at = start < 0 ? wanted.length : start;
  return [{ path: `line ${at + 1}`, expected: wanted[at], given: found[at] }];
}
