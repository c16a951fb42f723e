import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOf } from '../../webhook/core/host.ts';
import { authorityPattern } from '../../webhook/edges/authority-pattern.ts';
import { diversionPlan, withHosts } from '../fixtures/diversions.ts';
import { RUNS } from '../property/runs.ts';

const PLAN = diversionPlan(withHosts('test.wikipedia.org', 'test.m.wikipedia.org', 'xn--bcher-kva.example'));

/** RE2 matches the authority in full; its `(?i)` at the front is JavaScript's flag. */
const PATTERN = new RegExp(`^(?:${authorityPattern(PLAN.hosts).replace('(?i)', '')})$`, 'i');

describe('the regular expression for the authority', () => {
  const spelt = fc
    .tuple(
      fc.constantFrom(...PLAN.hosts, 'en.wikipedia.org', 'testXwikipedia.org'),
      fc.constantFrom('', '.', '..'),
      fc.constantFrom('', ':', ':80', ':x'),
      fc.constantFrom('', 'x', '.evil.example'),
    )
    .map(([host, dot, port, suffix]) => `${host}${dot}${suffix}${port}`);

  it('matches exactly what hostOf reads as one of the hosts', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          spelt,
          spelt.map((text) => text.toUpperCase()),
          fc.string({ unit: 'grapheme-ascii' }),
        ),
        (authority) => {
          const host = hostOf(authority);
          expect(PATTERN.test(authority)).toBe(host !== undefined && PLAN.hosts.includes(host));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('is one expression, however many hosts there are', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `w${index}.example`);
    const pattern = authorityPattern(diversionPlan(withHosts(...many)).hosts);
    expect(new RegExp(`^(?:${pattern.replace('(?i)', '')})$`).test('w999.example')).toBe(true);
    expect(pattern).toContain('|w7|');
    expect(pattern.length).toBeLessThan(6000);
  });
});
