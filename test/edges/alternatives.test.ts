import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotePattern } from '../../webhook/core/pattern.ts';
import { alternatives } from '../../webhook/edges/alternatives.ts';
import { RUNS } from '../property/runs.ts';

describe('the expression for any of some names', () => {
  it.each([
    [['test.wikipedia.org'], '(?:test\\.wikipedia\\.org)'],
    [['a.example', 'b.example', 'c.org'], '(?:(?:a|b)\\.example|c\\.org)'],
    [['en', 'de'], '(?:(?:en|de))'],
    [[''], '(?:)'],
  ])('writes what they share once: %j', (names, expected) => {
    expect(alternatives(names, quotePattern)).toBe(expected);
  });

  it('takes these names and no other', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'aa', ''), { minLength: 1, maxLength: 4 })
      .map((labels) => labels.join('.'));
    const lists = fc.uniqueArray(name, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lists, lists, (names, others) => {
        const regex = new RegExp(`^${alternatives(names, quotePattern)}$`);
        for (const text of [...names, ...others]) expect(regex.test(text)).toBe(names.includes(text));
      }),
      { numRuns: RUNS },
    );
  });
});
