import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../webhook/analyze/catalogue/catalogue.ts';
import { OBJECTS } from '../../webhook/analyze/catalogue/objects.ts';
import { ROUTING } from '../../webhook/analyze/catalogue/routing.ts';
import { SENDING } from '../../webhook/analyze/catalogue/sending.ts';
import { TRUST } from '../../webhook/analyze/catalogue/trust.ts';
import { inRepository } from '../fixtures/read.ts';

const CATALOGUES = { routing: ROUTING, sending: SENDING, trust: TRUST, objects: OBJECTS };

/** The rows of the page, by the catalogue that each section names. */
function rowsOf(page: string): Record<string, unknown> {
  const sections = page.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const catalogue = /^Catalogue: `webhook\/analyze\/catalogue\/(.+)\.ts`$/m.exec(section)?.[1] ?? 'none';
      const rows = [...section.matchAll(/^\| `([^`]+)` +\| (\w+) +\| (.+?) +\| (.+?) +\|$/gm)];
      const checks = rows.map(([, code, severity, title, remedy]) => [code, { title, remedy, severity }]);
      return [catalogue, Object.fromEntries(checks)];
    }),
  );
}

describe('docs/checks.md', () => {
  const rows = rowsOf(readFileSync(inRepository('docs/checks.md'), 'utf8'));

  it('has a table for each catalogue, and no other', () => {
    expect(Object.keys(rows)).toEqual(Object.keys(CATALOGUES));
  });

  it.each(Object.entries(CATALOGUES))('says of %s the same as the code', (name, catalogue) => {
    expect(rows[name]).toEqual(catalogue);
  });

  it('has every check, by a code of its own', () => {
    const codes = Object.values(CATALOGUES).flatMap((catalogue) => Object.keys(catalogue));
    expect(Object.keys(CATALOGUE)).toEqual(codes);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
