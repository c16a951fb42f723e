import { describe, expect, it } from 'vitest';
import { type BlindBase, blindCount, blindFaults } from './blind.ts';
import { blindBase } from './blind-bases.ts';

const ALL = 10_000;

function baseOf(file: string, text: string, untouched = ''): BlindBase {
  return { edge: 'test', name: file, files: { [file]: text }, untouched: { [file]: untouched } };
}

function textsOf(base: BlindBase): string[] {
  return blindFaults(base, ALL, 1).map(({ files }) => files[base.name] ?? '');
}

describe('faults made at random places', () => {
  it('are made in what was added to a tree, and nowhere else', () => {
    const untouched = 'list:\n  - name: "old"\n    port: 1\n';
    const base = baseOf('a.yaml', `${untouched}  - name: "new"\n    live: true\n`, untouched);
    const faults = blindFaults(base, ALL, 1);
    expect(faults.map(({ fault }) => fault).sort()).toEqual([
      'a.yaml: [0].list[1 new] is gone',
      'a.yaml: [0].list[1 new].live is false',
      'a.yaml: [0].list[1 new].live is gone',
      'a.yaml: [0].list[1 new].name is "newx"',
      'a.yaml: [0].list[1 new].name is gone',
    ]);
    for (const { files } of faults) expect(files['a.yaml']).toContain('name: "old"\n    port: 1');
  });

  it('put entries behind their neighbours, and change numbers and times', () => {
    const texts = textsOf(baseOf('a.yaml', 'list:\n  - 7\n  - "30s"\n'));
    expect(texts).toContain('list:\n  - "30s"\n  - 7\n');
    expect(texts).toContain('list:\n  - 8\n  - "30s"\n');
    expect(texts).toContain('list:\n  - 7\n  - "1s"\n');
  });

  it('are made in lines, conditions, literals and lists of a script', () => {
    const texts = textsOf(baseOf('a.lua', "-- why\nif a == 'b' then\nreturn { 1, 2 }\n"));
    expect(texts).toContain('-- why\nreturn { 1, 2 }\n');
    expect(texts).toContain("-- why\nif not (a == 'b') then\nreturn { 1, 2 }\n");
    expect(texts).toContain("-- why\nif a ~= 'b' then\nreturn { 1, 2 }\n");
    expect(texts).toContain("-- why\nif a == 'bx' then\nreturn { 1, 2 }\n");
    expect(texts).toContain("-- why\nif a == 'b' then\nreturn { 2, 2 }\n");
    expect(texts).toContain("-- why\nif a == 'b' then\nreturn { 2 }\n");
  });

  it('are made in the words that a rule was given', () => {
    const texts = textsOf(baseOf('a.config', 'map a b @own=1 @old=2', 'map a b @old=2'));
    expect(texts).toEqual(
      expect.arrayContaining(['map a b @old=2', 'map a b @old=2 @own=1', 'map a b @own=1x @old=2', '']),
    );
    expect(texts).toHaveLength(4);
  });

  it('are the same by one seed, others by another, and a larger sample holds a smaller one', () => {
    const base = blindBase('values.yaml');
    const names = (count: number, seed: number) => blindFaults(base, count, seed).map(({ fault }) => fault);
    expect(names(20, 1)).toEqual(names(20, 1));
    expect(names(20, 1)).not.toEqual(names(20, 2));
    expect(names(40, 1).slice(0, 20)).toEqual(names(20, 1));
    expect(blindCount(base)).toBeGreaterThan(100);
  });
});
