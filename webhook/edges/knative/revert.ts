import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Path } from '../edits.ts';
import { isOwnRoute, objectName, tableName } from './names.ts';
import { ENTRIES_PATH, mappingAt, POLICIES_PATH, RULES_PATH, routePlaces, SERVICES_PATH } from './places.ts';

/** Where everything stands that was added to values for a diversion. */
export function ownPaths(values: JsonObject, diversion: string): Path[] {
  const key = objectName(diversion);
  const keys = [ENTRIES_PATH, RULES_PATH, POLICIES_PATH]
    .filter((path) => Object.hasOwn(mappingAt(values, path), key))
    .map((path) => withEmptied(values, [...path, key]));
  const table = [ENTRIES_PATH, SERVICES_PATH].flatMap((path) =>
    Object.keys(mappingAt(values, path))
      .filter((name) => name.startsWith(tableName(diversion, '')))
      .map((name) => [...path, name]),
  );
  const routes = routePlaces(values)
    .filter(({ route }) => isOwnRoute(route, diversion))
    .map(({ list, index }) => [...list, index]);
  return [...keys, ...table, ...routes];
}

/** A mapping that holds nothing else was added too. */
function withEmptied(values: JsonObject, path: Path): Path {
  const parent = path.slice(0, -1);
  return parent.length > 0 && Object.keys(mappingAt(values, parent)).length === 1
    ? withEmptied(values, parent)
    : path;
}

/** A copy without the entries and keys at these paths. */
export function withoutPaths(node: Json, paths: readonly Path[]): Json {
  const below = (step: string | number): Path[] =>
    paths.filter(([first]) => first === step).map((path) => path.slice(1));
  const isGone = (step: string | number): boolean => below(step).some(({ length }) => length === 0);
  if (Array.isArray(node)) {
    return node.flatMap((item: Json, index) => (isGone(index) ? [] : [withoutPaths(item, below(index))]));
  }
  if (!isObject(node)) return node;
  const kept = Object.entries(node).filter(([key]) => !isGone(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, value === undefined ? value : withoutPaths(value, below(key))]),
  );
}
