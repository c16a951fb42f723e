import { describe, expect, it } from 'vitest';
import { matchesFully } from '../../webhook/analyze/pattern.ts';
import type { Host } from '../../webhook/core/host.ts';
import { authorityPattern } from '../../webhook/edges/authority-pattern.ts';

describe('an expression that regards no case in a group', () => {
  const hosts = ['ar', 'fa', 'fi', 'fr'].map((label) => `${label}.wikipedia.org` as Host);
  const inner = `(?:${authorityPattern(hosts)})`;

  it.each(hosts)('takes %s in upper case, among alternatives that begin alike', (host) => {
    expect(matchesFully(inner, host.toUpperCase())).toBe(true);
    expect(matchesFully(inner, `${host}:80`)).toBe(true);
    expect(matchesFully(inner, `x${host}`)).toBe(false);
  });

  it('regards it before and behind the group', () => {
    expect(matchesFully('x(?:(?i)a(b)\\dc)d', 'xAB1Cd')).toBe(true);
    expect(matchesFully('x(?:(?i)a(b)\\dc)d', 'xab1cD')).toBe(false);
    expect(matchesFully('x(?:(?i)a)|y(?:(?i)b)', 'yB')).toBe(true);
  });
});
