import { describe, expect, it } from 'vitest';
import { flaw } from '../../webhook/analyze/finding.ts';

describe('a flaw', () => {
  it('is made under the code of a check; a misspelt code does not compile', () => {
    expect(flaw('sni-differs', { message: 'x' })).toEqual({ code: 'sni-differs', message: 'x' });
    // @ts-expect-error the type check of this repository fails when this line compiles
    expect(flaw('sni-difers', { message: 'x' })).toBeDefined();
  });
});
