import { isObject, type Json, type JsonObject } from '../../webhook/core/json.ts';

/**
 * A merge patch; null takes away. With what the same owner applied before, fields that it no longer names go too, and
 * entries of `webhooks` are merged by name, as server-side apply does. Other lists are replaced.
 */
export function merged(live: JsonObject, patch: JsonObject, before: JsonObject = {}): JsonObject {
  const given = Object.keys(before).filter((key) => !Object.hasOwn(patch, key) && !isObject(live[key]));
  const result = Object.entries(live).filter(([key]) => !given.includes(key) && own(patch, key) !== null);
  const news = Object.entries(patch).filter(([, value]) => value !== null);
  const next = news.map(([key, value]) => [key, mergedValue(key, own(live, key), value, own(before, key))]);
  return Object.fromEntries([...result, ...next]);
}

type Value = Json | undefined;

function mergedValue(key: string, live: Value, patch: Value, before: Value): Value {
  if (key === 'webhooks') return mergedByName(live, patch);
  return isObject(patch) ? merged(objectOf(live), patch, objectOf(before)) : patch;
}

function objectOf(value: Value): JsonObject {
  return isObject(value) ? value : {};
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function mergedByName(live: Json | undefined, patch: Json | undefined): Json {
  const entries = new Map(((live ?? []) as readonly JsonObject[]).map((entry) => [entry['name'], entry]));
  for (const entry of (patch ?? []) as readonly JsonObject[])
    entries.set(entry['name'], merged(entries.get(entry['name']) ?? {}, entry));
  return [...entries.values()];
}
