import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Path } from '../edits.ts';
import { isOwned } from './names.ts';
import { isOwnLayer, withoutRuntimeLayer } from './runtime.ts';

/** Takes a diversion out of a configuration: what is left is what was there before it was added. */
export function revert(config: JsonObject, diversion: string): JsonObject {
  const lists = new Set(['routes', 'clusters']);
  return withoutRuntimeLayer(strip(config) as JsonObject, diversion);

  /** Returns the very same node where nothing of ours is inside it. */
  function strip(node: Json): Json {
    if (Array.isArray(node)) return sameItems(node, node.map(strip));
    if (!isObject(node)) return node;
    const entries = Object.entries(node).map(([key, value]): [string, Json | undefined] => {
      if (value === undefined) return [key, value];
      const own = lists.has(key) && Array.isArray(value) ? value.filter((item) => !belongs(item)) : value;
      const kept = Array.isArray(own) && Array.isArray(value) && own.length === value.length ? value : own;
      return [key, strip(kept)];
    });
    return entries.every(([key, value]) => value === node[key]) ? node : Object.fromEntries(entries);
  }

  function belongs(item: Json): boolean {
    return isObject(item) && isOwned(item, diversion);
  }
}

function sameItems(before: readonly Json[], after: readonly Json[]): readonly Json[] {
  return after.every((item, index) => item === before[index]) ? before : after;
}

/** Where the entries stand that `revert` takes out. */
export function ownedPaths(config: JsonObject, diversion: string): Path[] {
  const found: Path[] = [];
  visit(config, []);
  return found;

  function visit(node: Json | undefined, path: Path): void {
    if (isObject(node)) for (const [key, value] of Object.entries(node)) visit(value, [...path, key]);
    if (!Array.isArray(node)) return;
    node.forEach((item: Json, index) => {
      if (isObject(item) && (isOwned(item, diversion) || isOwnLayer(item, diversion)))
        found.push([...path, index]);
      else visit(item, [...path, index]);
    });
  }
}
