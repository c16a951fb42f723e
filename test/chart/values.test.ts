import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { valuesJsonSchema } from '../../webhook/chart/values.ts';
import { inRepository } from '../fixtures/read.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

/** The paths of all keys that a schema names; of those that hold anything, only themselves. */
function keysOf({ properties }: Schema, prefix = ''): string[] {
  return Object.entries(properties ?? {}).flatMap(([key, schema]) => {
    const below = keysOf(schema, `${prefix}${key}.`);
    return below.length > 0 ? below : [`${prefix}${key}`];
  });
}

function get(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined),
      values,
    );
}

const schema = valuesJsonSchema() as Schema;
const values: unknown = parse(readFileSync(inRepository('chart/values.yaml'), 'utf8'));

/** What a parent chart hands down, and what stands in values.yaml as an empty mapping. */
const UNNAMED = /^(global|sidecar\.resources\..*)$/;

describe('values.schema.json', () => {
  it.each(keysOf(schema).filter((key) => !UNNAMED.test(key)))('knows %s as values.yaml has it', (key) => {
    expect(get(values, key)).toBeDefined();
  });

  it('lets no key of ours pass that it does not know', () => {
    const open: string[] = [];
    const visit = (node: Schema, path: string): void => {
      if (node.properties && node.additionalProperties !== false) open.push(path);
      for (const [key, below] of Object.entries(node.properties ?? {})) visit(below, `${path}.${key}`);
    };
    visit(schema, 'values');
    expect(open).toEqual([]);
  });
});
