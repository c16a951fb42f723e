import { type Document, isAlias, isMap, isScalar, type Pair, type YAMLMap } from 'yaml';
import type { CallerPool } from '../core/diversion.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { mergedValue, ownPair } from './yaml-values.ts';

/** A replacement of the text from `start` to `end`. */
export interface PoolEdit {
  readonly kind: 'edit';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ImpossibleEdit {
  readonly kind: 'impossible';
  readonly offset: number;
  readonly message: string;
}

export interface PoolText {
  readonly text: string;
  readonly document: Document;
  readonly pool: CallerPool;
}

/** What raises the limit in that mapping; undefined where it is high enough already. */
export function raiseLimit(where: PoolText, map: YAMLMap): PoolEdit | ImpossibleEdit | undefined {
  return raise(where, map, where.pool.key.split('.'));
}

function raise(
  where: PoolText,
  map: YAMLMap,
  keys: readonly string[],
): PoolEdit | ImpossibleEdit | undefined {
  const [key = '', ...rest] = keys;
  const own = ownPair(map, key);
  if (own && isMap(own.value) && rest.length > 0) return raise(where, own.value, rest);
  const current = mergedValue(map, key, where.document);
  const value = raised(current, rest, where.pool.atLeast);
  if (value === undefined) {
    const message = `${key} is ${JSON.stringify(current)} there, so ${where.pool.key} cannot be set`;
    return { kind: 'impossible', offset: map.range?.[0] ?? 0, message };
  }
  if (value === current) return undefined;
  return own ? replaceValue(own, value) : insertKey(where, map, `${key}: ${JSON.stringify(value)}`);
}

/** The value with the limit in it, the same value where it is high enough, or undefined where none can be in it. */
function raised(current: unknown, keys: readonly string[], atLeast: number): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) {
    if (current === undefined) return atLeast;
    if (typeof current !== 'number') return undefined;
    return current >= atLeast ? current : atLeast;
  }
  if (current !== undefined && !isObject(current)) return undefined;
  const inner = raised(current?.[key], rest, atLeast);
  if (inner === undefined || (current && inner === current[key])) return inner && current;
  return { ...(current as JsonObject | undefined), [key]: inner };
}

/** A number, or an alias of a mapping that others may share. */
function replaceValue({ value: node }: Pair, value: unknown): PoolEdit | ImpossibleEdit {
  const range = (isScalar(node) || isAlias(node)) && node.range;
  if (!range) return { kind: 'impossible', offset: 0, message: 'the value has no place in the text' };
  return { kind: 'edit', start: range[0], end: range[1], text: JSON.stringify(value) };
}

/** In front of the first key: on the same line in flow style, on a line of its own in block style. */
function insertKey({ text }: PoolText, map: YAMLMap, entry: string): PoolEdit {
  const start = map.range?.[0] ?? 0;
  if (map.flow) {
    const at = start + 1;
    const first = map.items[0]?.key;
    const quoted = !isScalar(first) || first.type !== 'PLAIN';
    const shown = quoted ? entry.replace(/^([^:]+)/, '"$1"') : entry;
    return { kind: 'edit', start: at, end: at, text: map.items.length > 0 ? `${shown}, ` : shown };
  }
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return { kind: 'edit', start, end: start, text: `${entry}${newline}${' '.repeat(column)}` };
}
