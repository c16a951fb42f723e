import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';

interface Manifest {
  readonly [kind: string]: Readonly<Record<string, string>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(inRepository(file), 'utf8'));
const manifest = read('package.json') as Manifest;
const { packages } = read('package-lock.json') as { packages: Record<string, { license?: string }> };

/** Section of docs/dependencies.md, and the key of package.json that it lists. */
const SECTIONS = {
  Production: 'dependencies',
  Development: 'devDependencies',
  Node: 'optionalDependencies',
};

const page = readFileSync(inRepository('docs/dependencies.md'), 'utf8');

/** The rows of a section's table: name, purpose, licence, last release, replacement. */
function rowsOf(section: string): string[][] {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  return [...text.matchAll(/^\| `.*$/gm)].map(([row]) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const namesOf = (section: string): string[] => rowsOf(section).map(([name = '']) => name.replaceAll('`', ''));

describe('docs/dependencies.md', () => {
  it.each(Object.entries(SECTIONS))(
    'lists under %s what package.json has as %s, and no more',
    (section, kind) => {
      expect(namesOf(section)).toEqual(Object.keys(manifest[kind] ?? {}));
    },
  );

  it('lists every kind of dependency that package.json has', () => {
    const kinds = Object.keys(manifest).filter((key) => /dependencies$/i.test(key));
    expect(kinds.sort()).toEqual(Object.values(SECTIONS).sort());
  });

  it.each(Object.keys(SECTIONS))(
    'gives each of %s its reason, declared licence, last release and replacement',
    (section) => {
      for (const [name = '', reason, licence, release, replacement] of rowsOf(section)) {
        expect(licence).toBe(packages[`node_modules/${name.replaceAll('`', '')}`]?.license);
        for (const cell of [reason, release, replacement]) expect(cell).toBeTruthy();
      }
    },
  );

  it('lists the Go modules that tools are built from', () => {
    expect(namesOf('Tools built from Go modules')).toEqual(readdirSync(inRepository('scripts/go')).sort());
  });
});

describe('.npmrc', () => {
  it('lets no package run a command when it is installed', () => {
    expect(readFileSync(inRepository('.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });
});
