import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../webhook/core/glob.ts';
import { trimEnd } from '../../webhook/core/trim.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 });

describe('a glob', () => {
  it('means the same as the regular expression with `.*` for each star', () => {
    const glob = fc
      .array(fc.constantFrom('a', 'b', '-', '*', '**'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(glob, text, (pattern, name) => {
        expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      }),
      { numRuns: 5000 },
    );
  });

  it('with many stars takes time that grows with the text', () => {
    const start = performance.now();
    expect(matchesGlob(`${'*a'.repeat(20)}*b`, 'a'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('trimEnd', () => {
  it('means the same as an expression', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(trimEnd(given, 'b-')).toBe(given.replace(/[b-]+$/, ''));
      }),
    );
  });

  it('takes time that grows with the text', () => {
    const start = performance.now();
    expect(trimEnd(`${'/'.repeat(2_000_000)}x`, '/')).toHaveLength(2_000_001);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
