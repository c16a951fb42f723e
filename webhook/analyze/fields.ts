import { isObject, type Json, type JsonObject } from '../core/json.ts';

/** The value under these keys, one inside the other; undefined where any is missing. */
export function at(node: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((inner, key) => (isObject(inner) ? inner[key] : undefined), node);
}

/** The list under these keys; empty where there is none. */
export function listAt(node: Json | undefined, ...keys: readonly string[]): readonly Json[] {
  const value = at(node, ...keys);
  return Array.isArray(value) ? value : [];
}

/** The entries of a list that are mappings. */
export function objectsAt(node: Json | undefined, ...keys: readonly string[]): readonly JsonObject[] {
  return listAt(node, ...keys).filter(isObject);
}

/** The texts of a list. */
export function textsAt(node: Json | undefined, ...keys: readonly string[]): readonly string[] {
  return listAt(node, ...keys).filter((item) => typeof item === 'string');
}

/** The text under these keys. */
export function textAt(node: Json | undefined, ...keys: readonly string[]): string | undefined {
  const value = at(node, ...keys);
  return typeof value === 'string' ? value : undefined;
}

/** An object as it is named in messages: its kind, its namespace where it has one, and its name. */
export function titleOf(object: JsonObject): string {
  const { name, namespace } = nameOf(object);
  return `${String(object['kind'])} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Name and namespace of an object; manifests may leave the namespace to the command that applies them. */
export function nameOf(object: JsonObject): {
  readonly name: string;
  readonly namespace: string | undefined;
} {
  return {
    name: textAt(object, 'metadata', 'name') ?? '',
    namespace: textAt(object, 'metadata', 'namespace'),
  };
}
