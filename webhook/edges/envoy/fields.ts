import { isObject, type Json, type JsonObject } from '../../core/json.ts';

/*
 * Protobuf JSON accepts a field's name in snake_case and in lowerCamelCase, and refuses both at once.
 * Configurations in the wild use either, so fields are read through these functions.
 */

/** The field of that snake_case name, however it is spelt. */
export function field(node: Json | undefined, name: string): Json | undefined {
  if (!isObject(node)) return undefined;
  return node[name] ?? node[toCamel(name)];
}

export function objectField(node: Json | undefined, name: string): JsonObject | undefined {
  const value = field(node, name);
  return isObject(value) ? value : undefined;
}

/** A list; Envoy takes a single element in the place of a list of one. */
export function listField(node: Json | undefined, name: string): readonly Json[] {
  const value = field(node, name);
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** The name under which the field really stands; the snake_case name when it is absent. */
export function spelling(node: JsonObject, name: string): string {
  return node[name] === undefined && node[toCamel(name)] !== undefined ? toCamel(name) : name;
}

/** The same message with its own fields' names (not those inside them) in snake_case. */
export function withSnakeFields(node: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [toSnake(key), value]));
}

/** A field is asked for at thousands of nodes; the names are those that this program knows. */
const camelNames = new Map<string, string>();

function toCamel(name: string): string {
  const known = camelNames.get(name);
  if (known !== undefined) return known;
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  camelNames.set(name, camel);
  return camel;
}

/** A field's name in snake_case, however it is spelt. */
export function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether the message has at least one of the fields. */
export function hasAnyField(node: JsonObject, names: readonly string[]): boolean {
  return names.some((name) => field(node, name) !== undefined);
}
