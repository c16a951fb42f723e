import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diversionJsonSchema } from '../../webhook/spec/schema.ts';
import { inRepository } from '../fixtures/read.ts';

/** Every name of a property anywhere in a JSON Schema. */
function propertyNames(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(propertyNames);
  if (schema === null || typeof schema !== 'object') return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(propertyNames)];
}

describe('docs/diversion.md', () => {
  const page = readFileSync(inRepository('docs/diversion.md'), 'utf8');
  const shown = new Set([...page.matchAll(/`([A-Za-z.]+)`/g)].flatMap(([, words = '']) => words.split('.')));
  // What only groups other keys, and is a heading of the page.
  const groups = new Set(['spec', 'metadata']);
  const keys = [...new Set(propertyNames(diversionJsonSchema()))].filter((key) => !groups.has(key)).sort();

  it.each(keys)('explains the key %s', (key) => {
    expect(shown).toContain(key);
  });
});
