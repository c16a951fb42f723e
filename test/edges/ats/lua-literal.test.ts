import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { luaLiteral } from '../../../webhook/edges/ats/lua-literal.ts';
import { RUNS } from '../../property/runs.ts';

/** Reads a Lua string as Lua would: what stands between the quotes, with decimal escapes. */
function readLuaString(text: string): string {
  expect(text).toMatch(/^"(?:[^"\\\n\r]|\\\d{3})*"$/);
  const bytes = text.slice(1, -1).replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code)));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

describe('a Lua literal', () => {
  it.each([
    ['"]] os.exit() --', String.raw`"\034]] os.exit() --"`],
    ['a\\', String.raw`"a\092"`],
    ['a\nb\r\0', String.raw`"a\010b\013\000"`],
    ['\u00e9', String.raw`"\195\169"`],
    ['1', '"1"'],
  ])('keeps %j a string', (text, literal) => {
    expect(luaLiteral(text)).toBe(literal);
  });

  it('keeps any text a string of the same bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(readLuaString(luaLiteral(text))).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  it('sorts keys, quotes them, and leaves out what is undefined', () => {
    expect(luaLiteral({ b: 1, a: ['x', true], '"]': {}, gone: undefined })).toBe(
      '{\n  ["\\034]"] = {},\n  ["a"] = {\n    "x",\n    true,\n  },\n  ["b"] = 1,\n}',
    );
  });
});
