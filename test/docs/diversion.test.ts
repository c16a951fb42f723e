import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { diversionJsonSchema } from '../../webhook/spec/schema.ts';
import { inRepository } from '../fixtures/read.ts';
import { keysOf, type SchemaNode, tableOf } from './reference.ts';

const PAGE = inRepository('docs/diversion.md');
const BLOCK = /<!-- keys below "(.*?)", from the schema -->\n([\s\S]*?)\n<!-- end -->/g;

const keys = keysOf(diversionJsonSchema() as SchemaNode);

/** The page with every table of keys as the schema has it. */
function withTables(page: string): string {
  const prefixes = [...page.matchAll(BLOCK)].map(([, prefix = '']) => prefix);
  return page.replace(BLOCK, (_block, prefix: string) => {
    const table = tableOf(prefix, prefixes, keys);
    return `<!-- keys below "${prefix}", from the schema -->\n${table}\n<!-- end -->`;
  });
}

describe('docs/diversion.md', () => {
  if (process.env['SHUNT_GOLDEN'] === 'write') writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
  const page = readFileSync(PAGE, 'utf8');

  it('says of every key what the schema says, and has no other key', () => {
    expect(page).toBe(withTables(page));
  });

  it('has a row for each key', () => {
    const rows = [...page.matchAll(BLOCK)].flatMap(([, , table = '']) => table.split('\n').slice(2));
    expect(rows.length).toBe(keys.length);
    expect(rows.length).toBeGreaterThan(100);
  });
});

describe.each(keys)('the key $path $kind', ({ node }) => {
  it('has a description of whole sentences', () => {
    expect(node.description).toMatch(/^[A-Z`].*\.$/);
  });

  it('has an example, which the schema takes', () => {
    if (node.properties ?? node.additionalProperties ?? node.const) return;
    expect(node.examples).toHaveLength(1);
    expect(() => z.fromJSONSchema(node as never).parse(node.examples?.[0])).not.toThrow();
  });
});
