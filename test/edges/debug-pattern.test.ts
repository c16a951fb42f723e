import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { debugBackendOf } from '../../webhook/core/decide.ts';
import { debugPattern } from '../../webhook/edges/debug-pattern.ts';

const BACKENDS = ['k8s-mw', 'k8s-mw-eqiad', 'b.example'];

/** JavaScript has no flags inside a group on every Node, and the words are compared in lower case here. */
const PATTERN = new RegExp(`^(?:${debugPattern(BACKENDS).replaceAll('(?i:', '(?:')})$`);

describe('the pattern for the debug header', () => {
  it.each([
    ['k8s-mw', true],
    ['backend=k8s-mw', true],
    ['log; backend=k8s-mw-eqiad; profile', true],
    ['backend=; backend=k8s-mw', true],
    ['backbackend=k8s-mw', true],
    ['k8s-mw-codfw', false],
    ['k8s-mw; log', false],
    ['backend=k8s-mw.', false],
    ['backend=other; backend=k8s-mw', false],
    ['bexample', false],
    ['', false],
  ])('%s: %s', (value, expected) => {
    expect(PATTERN.test(value)).toBe(expected);
  });

  it('reads every value as the decision does', () => {
    const piece = fc.constantFrom(
      'b',
      'back',
      'backend',
      'backend=',
      '=',
      '; ',
      'k8s-mw',
      '-eqiad',
      'other',
      'b.example',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const value = pieces.join('');
        expect([value, PATTERN.test(value)]).toEqual([value, BACKENDS.includes(debugBackendOf(value))]);
      }),
      { numRuns: 5000 },
    );
  });
});
