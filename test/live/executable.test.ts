import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../webhook/core/version.ts';
import { inRepository } from '../fixtures/read.ts';
import { HERE } from '../images/archive.ts';
import { type Architecture, readElf } from '../images/elf.ts';
import { executables } from '../release/executable.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'shunt-executable-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made: Map<Architecture, Buffer>;
const file = path.join(folder, 'shunt');

beforeAll(() => {
  made = executables(['amd64', 'arm64']);
  writeFileSync(file, made.get(HERE) ?? '', { mode: 0o755 });
});

/** Without a variable, so without a PATH on which a Node could be found. */
const shunt = (...args: string[]) => execFileSync(file, args, { cwd: folder, env: {}, encoding: 'utf8' });

describe('the single-file executable', () => {
  it('runs without Node and without a file beside it, on its own chart', () => {
    expect(shunt('--version')).toBe(`${VERSION}\n`);
    expect(shunt('explain', '-H', 'test.wikipedia.org')).toMatch(/^ats .*diverted/m);
    shunt('generate', '--diversion', inRepository('test/fixtures/shop.yaml'), '--out', 'chart');
    const name = 'templates/deployment.yaml';
    expect(readFileSync(path.join(folder, 'chart', name), 'utf8')).toBe(
      readFileSync(inRepository(`chart/${name}`), 'utf8'),
    );
  });

  it('is made for each processor, with the program in it', () => {
    for (const [architecture, bytes] of made) {
      expect(readElf(bytes).architecture).toBe(architecture);
      expect(bytes.includes('apiVersion: v2\nname: pretrain-shunt\n')).toBe(true);
    }
  });

  it('has the same bytes when it is made again', () => {
    expect(
      executables([HERE])
        .get(HERE)
        ?.equals(made.get(HERE) ?? Buffer.alloc(0)),
    ).toBe(true);
  });
});
