/** Data that a Lua literal can carry. */
export type LuaValue =
  | boolean
  | number
  | string
  | readonly LuaValue[]
  | { readonly [key: string]: LuaValue | undefined };

/**
 * A Lua 5.1 expression for that data, keys sorted. Whatever a string holds, it stays one: all but plain printable
 * ASCII is written as a decimal escape.
 */
export function luaLiteral(value: LuaValue, indent = ''): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  const inner = `${indent}  `;
  const lines = isList(value)
    ? value.map((item) => luaLiteral(item, inner))
    : Object.keys(value)
        .sort()
        .flatMap((key) => {
          const item = value[key];
          return item === undefined ? [] : [`[${quote(key)}] = ${luaLiteral(item, inner)}`];
        });
  return lines.length === 0 ? '{}' : `{\n${lines.map((line) => `${inner}${line},\n`).join('')}${indent}}`;
}

function isList(value: object): value is readonly LuaValue[] {
  return Array.isArray(value);
}

const UNSAFE = /[^ !#-[\]-~]/g;

function quote(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
  return `"${bytes.replace(UNSAFE, (character) => `\\${String(character.charCodeAt(0)).padStart(3, '0')}`)}"`;
}
