import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeYaml } from '../../webhook/edges/write.ts';
import { RUNS } from '../property/runs.ts';

describe('writeYaml', () => {
  it.each([
    'on',
    'yes',
    'no',
    'null',
    '1',
    '0x10',
    '1e3',
    '',
    ' x',
    'x ',
    '- a',
    '#',
    'a: b',
    '*',
    '&x',
    '---',
  ])('quotes the text %j', (text) => {
    expect(writeYaml({ a: text })).toBe(`a: ${JSON.stringify(text)}\n`);
  });

  it('keeps the lines of a text of several lines', () => {
    expect(writeYaml({ a: 'one\n  two\n' })).toBe('a: |\n  one\n    two\n');
  });

  it.each([
    'a\r\nb\n',
    '\n',
    ' \n',
    '\n\n',
    ' a\nb',
    'a\n\n',
    'a\n ',
    '\ta\n',
    'a\u0085b\n',
    '\u0007\n',
    'a\n\u2028b',
  ])('is read back as it was: %j', (text) => {
    expect(parse(writeYaml({ a: text }))).toEqual({ a: text });
  });

  it('is read back as it was, whatever it is', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '\n', '\r', '\t', ':', '#', '"', "'", '-', '\\', 'é'),
    });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), tie('value'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, (data) => {
        const written = { root: data as never };
        expect(parse(writeYaml(written))).toEqual(JSON.parse(JSON.stringify(written)));
      }),
      { numRuns: RUNS },
    );
  });
});
