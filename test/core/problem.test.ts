import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../webhook/core/problem.ts';

const PROBLEM = {
  code: 'out-of-range',
  path: 'spec.share',
  message: 'must be at most 100',
  remedy: 'lower it',
};

describe('describeProblem', () => {
  it.each([
    ['a value', 101, 'spec.share: must be at most 100 (found 101); lower it [out-of-range]'],
    ['an absent value', undefined, 'spec.share: must be at most 100; lower it [out-of-range]'],
    ['a text', 'a\nb', 'spec.share: must be at most 100 (found "a\\nb"); lower it [out-of-range]'],
  ])('is one line with %s', (_, value, expected) => {
    expect(describeProblem({ ...PROBLEM, value })).toBe(expected);
  });

  it('leaves out an empty path', () => {
    expect(describeProblem({ ...PROBLEM, path: '', value: undefined })).toMatch(/^must be/);
  });

  it('cuts a long value short', () => {
    expect(describeProblem({ ...PROBLEM, value: 'x'.repeat(10_000) }).length).toBeLessThan(200);
  });
});
