import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CODES as ANALYZE } from '../../webhook/analyze/read/codes.ts';
import { CODES as CLI } from '../../webhook/cli/codes.ts';
import { REASONS } from '../../webhook/core/reasons.ts';
import { CODES as ATS } from '../../webhook/edges/ats/codes.ts';
import { CODES as ENVOY } from '../../webhook/edges/envoy/codes.ts';
import { CODES as INGRESS } from '../../webhook/edges/ingress/codes.ts';
import { CODES as KNATIVE } from '../../webhook/edges/knative/codes.ts';
import { POD_REASONS } from '../../webhook/inject/reasons.ts';
import { CODES as SERVER } from '../../webhook/server/codes.ts';
import { CODES as SPEC } from '../../webhook/spec/codes.ts';
import { inRepository } from '../fixtures/read.ts';

const CATALOGUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'webhook/spec/codes.ts': SPEC,
  'webhook/edges/envoy/codes.ts': ENVOY,
  'webhook/edges/knative/codes.ts': KNATIVE,
  'webhook/edges/ingress/codes.ts': INGRESS,
  'webhook/edges/ats/codes.ts': ATS,
  'webhook/analyze/read/codes.ts': ANALYZE,
  'webhook/server/codes.ts': SERVER,
  'webhook/cli/codes.ts': CLI,
  'webhook/inject/reasons.ts': POD_REASONS,
  'webhook/core/reasons.ts': REASONS,
};

/** The tables of the page, by the catalogue that each names. */
function tablesOf(page: string): Record<string, Record<string, string>> {
  const sections = page.split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const catalogue = /^Catalogue: `(.+)`$/m.exec(section)?.[1] ?? 'none';
      const rows = [...section.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)];
      return [catalogue, Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))];
    }),
  );
}

describe('docs/problems.md', () => {
  const tables = tablesOf(readFileSync(inRepository('docs/problems.md'), 'utf8'));

  it('has a table for each catalogue, and no other', () => {
    expect(Object.keys(tables).sort()).toEqual(Object.keys(CATALOGUES).sort());
  });

  it.each(Object.entries(CATALOGUES))('says of %s the same as the code', (file, codes) => {
    expect(tables[file]).toEqual(codes);
  });
});
