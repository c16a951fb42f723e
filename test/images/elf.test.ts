import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HERE } from './archive.ts';
import { readElf } from './elf.ts';

describe('readElf', () => {
  it('says what a program needs', () => {
    const { architecture, interpreter, needed } = readElf(readFileSync(process.execPath));
    expect(architecture).toBe(HERE);
    expect(interpreter).toMatch(/^\/lib(64)?\/ld-linux-/);
    expect(needed).toEqual(expect.arrayContaining(['libc.so.6', 'libstdc++.so.6', 'libm.so.6']));
  });

  it('refuses what is not such a file', () => {
    expect(() => readElf(Buffer.from('#!/bin/sh\n'))).toThrow('not an ELF file');
  });
});
