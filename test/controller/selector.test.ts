import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selects } from '../../webhook/controller/selector.ts';
import { RUNS } from '../property/runs.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
/** Few, so that they meet; with names that every object has. */
const key = fc.constantFrom('a', 'b', 'constructor', 'toString', '__proto__');
const value: fc.Arbitrary<string> = fc.constantFrom('', 'x', 'y');
const labels = fc.array(fc.tuple(key, value), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));
const expression = fc.record({
  key,
  operator: fc.constantFrom(...OPERATORS),
  values: fc.array(value, { maxLength: 3 }),
});

type Expression = typeof expression extends fc.Arbitrary<infer T> ? T : never;

/** The documented meaning, by sets of pairs. */
function holds(
  { key: name, operator, values }: Expression,
  pairs: readonly (readonly [string, string])[],
): boolean {
  const own = pairs.filter(([label]) => label === name).map(([, text]) => text);
  const meets = own.some((text) => values.includes(text));
  return { In: meets, NotIn: !meets, Exists: own.length > 0, DoesNotExist: own.length === 0 }[operator];
}

describe('a selector', () => {
  it('means what Kubernetes says', () => {
    const property = fc.property(
      labels,
      labels,
      fc.array(expression, { maxLength: 3 }),
      (own, matchLabels, matchExpressions) => {
        const pairs = Object.entries(own);
        const exact = Object.entries(matchLabels).every(([name, text]) =>
          pairs.some(([label, found]) => label === name && found === text),
        );
        const expected = exact && matchExpressions.every((each) => holds(each, pairs));
        expect(selects({ matchLabels, matchExpressions }, own)).toBe(expected);
      },
    );
    fc.assert(property, { numRuns: RUNS * 5 });
  });

  it.each([
    [{}],
    [{ matchLabels: {} }],
    [{ matchExpressions: [] }],
    [{ matchLabels: null, matchExpressions: null }],
  ])('that is empty picks everything: %j', (selector) => {
    expect([selects(selector, {}), selects(selector, { a: 'x' })]).toEqual([true, true]);
  });

  it('with an operator that nobody knows picks nothing', () => {
    expect(selects({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] }, { a: '2' })).toBe(
      false,
    );
  });
});
