import type { Json } from '../../core/json.ts';

/** Data that stands as a literal at the beginning of a text, and where the text goes on. */
export interface ReadLiteral {
  readonly value: Json;
  readonly end: number;
}

const SPACE = /\s*/y;
const WORD = /true|false|-?\d+(?:\.\d+)?/y;
const STRING = /"((?:[^"\\\n]|\\[\s\S])*)"/y;
const DEEPEST = 20;

/** Reads a Lua literal of tables, strings, numbers and booleans, as `shunt render ats` writes it; undefined where it is none. */
export function readLua(text: string, start: number, depth = 0): ReadLiteral | undefined {
  const at = skip(text, start);
  if (depth > DEEPEST) return undefined;
  if (text[at] === '{') return readTable(text, at + 1, depth);
  const string = match(STRING, text, at);
  if (string) return { value: unescaped(string[1] ?? ''), end: at + string[0].length };
  const word = match(WORD, text, at);
  return word ? { value: JSON.parse(word[0]) as Json, end: at + word[0].length } : undefined;
}

interface Entry {
  readonly key: string | undefined;
  readonly value: Json;
  readonly end: number;
}

function readTable(text: string, start: number, depth: number): ReadLiteral | undefined {
  const entries: Entry[] = [];
  let at = skip(text, start);
  while (text[at] !== '}') {
    const entry = readEntry(text, at, depth);
    if (!entry) return undefined;
    entries.push(entry);
    at = skip(text, entry.end);
    if (text[at] === ',') at = skip(text, at + 1);
    else if (text[at] !== '}') return undefined;
  }
  const keyed = entries.flatMap(({ key, value }): [string, Json][] =>
    key === undefined ? [] : [[key, value]],
  );
  const isList = entries.length > 0 && keyed.length === 0;
  return { value: isList ? entries.map(({ value }) => value) : Object.fromEntries(keyed), end: at + 1 };
}

/** `["key"] = value`, or a value alone. */
function readEntry(text: string, start: number, depth: number): Entry | undefined {
  if (text[start] !== '[') {
    const item = readLua(text, start, depth + 1);
    return item && { key: undefined, ...item };
  }
  const key = readLua(text, start + 1, depth + 1);
  const equals = key ? skip(text, skip(text, key.end) + 1) : start;
  const item = key && text[equals] === '=' ? readLua(text, equals + 1, depth + 1) : undefined;
  return key && item && { key: String(key.value), ...item };
}

function skip(text: string, start: number): number {
  return start + (match(SPACE, text, start)?.[0].length ?? 0);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function unescaped(text: string): string {
  return text.replace(/\\(\d{1,3}|[\s\S])/g, (_, code: string) =>
    /^\d/.test(code) ? String.fromCharCode(Number(code)) : code === 'n' ? '\n' : code,
  );
}

/** The keys of a table; none where it is none. */
export function keysOf(node: Json | undefined): string[] {
  return node !== null && typeof node === 'object' && !Array.isArray(node) ? Object.keys(node) : [];
}
