import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';
import { dialectWords, sourcesIn, violations } from './imports.ts';

const SOURCES = sourcesIn(inRepository('webhook'));
const MOST_LINES = 250;

describe('webhook/', () => {
  it('is read', () => {
    expect(SOURCES.length).toBeGreaterThan(50);
    expect(SOURCES.map(({ file }) => file)).toContain('edges/envoy/divert.ts');
  });

  it('follows the arrows, and its inner rooms are pure', () => {
    expect(violations(SOURCES)).toEqual([]);
  });

  it('has no word of a dialect in the meaning', () => {
    expect(dialectWords(SOURCES)).toEqual([]);
  });

  it.each(SOURCES.map(({ file, text }) => [file, text] as const))('%s is short and has no any', (_, text) => {
    expect(text.split('\n').length).toBeLessThanOrEqual(MOST_LINES);
    expect(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')).not.toMatch(/[:<,|&(]\s*any\b(?!['`])|\bas any\b/);
  });

  it('has a folder for each room that the rules name', () => {
    for (const room of [
      'core',
      'spec',
      'edges',
      'inject',
      'chart',
      'analyze',
      'observe',
      'server',
      'controller',
      'cli',
    ])
      expect(existsSync(inRepository('webhook', room))).toBe(true);
  });
});

describe('the checker', () => {
  it.each([
    ['core imports spec', 'core/a.ts', "import { x } from '../spec/x.ts';"],
    ['core imports yaml', 'core/a.ts', "import { parse } from 'yaml';"],
    ['core imports node:crypto', 'core/a.ts', "import { hash } from 'node:crypto';"],
    ['edges imports spec', 'edges/ats/a.ts', "import type { X } from '../../spec/x.ts';"],
    ['the kind istio imports the kind plain', 'edges/ingress/istio/a.ts', "import '../plain/a.ts';"],
    ['the dialect envoy imports the dialect ingress', 'edges/envoy/a.ts', "import '../ingress/a.ts';"],
    ['spec imports inject', 'spec/a.ts', "import { x } from '../inject/x.ts';"],
    ['edges imports inject', 'edges/envoy/a.ts', "import { x } from '../../inject/x.ts';"],
    ['inject imports server', 'inject/a.ts', "export { x } from '../server/x.ts';"],
    ['inject imports express', 'inject/a.ts', "import express from 'express';"],
    ['inject imports chart', 'inject/a.ts', "import { x } from '../chart/x.ts';"],
    ['analyze imports cli', 'analyze/a.ts', "import { x } from '../cli/x.ts';"],
    ['analyze imports node:fs', 'analyze/a.ts', "import { readFileSync } from 'node:fs';"],
    ['edges imports analyze', 'edges/a.ts', "import { x } from '../analyze/x.ts';"],
    ['chart imports node:fs', 'chart/a.ts', "import { readFileSync } from 'node:fs';"],
    ['observe imports inject', 'observe/a.ts', "import { x } from '../inject/x.ts';"],
    ['server imports cli', 'server/a.ts', "const x = await import('../cli/x.ts');"],
    ['controller imports cli', 'controller/a.ts', "import '../cli/x.ts';"],
    ['server imports controller', 'server/a.ts', "import { x } from '../controller/x.ts';"],
    ['the dialect envoy imports the dialect ats', 'edges/envoy/a.ts', "import { x } from '../ats/x.ts';"],
    ['edges imports node:fs', 'edges/envoy/a.ts', "import { readFileSync } from 'node:fs';"],
    ['inject imports node:fs/promises', 'inject/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['spec imports node:https', 'spec/a.ts', 'import https from "node:https";'],
    ['spec imports child_process', 'spec/a.ts', "const x = require('child_process');"],
    ['cli imports ..', 'cli/a.ts', "import { x } from '../../test/x.ts';"],
    ['core uses Date.now', 'core/a.ts', 'const now = Date.now();'],
    ['core uses new Date()', 'core/a.ts', 'const now = new Date();'],
    ['inject uses Math.random', 'inject/a.ts', 'const x = Math.random();'],
    ['edges uses process', 'edges/a.ts', 'const x = process.env.HOME;'],
  ])('catches that %s', (complaint, file, text) => {
    expect(violations([{ file, text }]).join('\n')).toContain(`${file}: ${complaint}`);
  });

  it('finds words of dialects', () => {
    const text = '// Istio reads the remap rules\nconst file = "lds.yaml";';
    const found = ['Istio', 'remap', 'lds', '.yaml'].map((word) => `core/a.ts: ${word}`);
    expect(dialectWords([{ file: 'core/a.ts', text }])).toEqual(found);
    expect(dialectWords([{ file: 'edges/a.ts', text }])).toEqual([]);
  });

  it.each([
    ['core/a.ts', "import type { X } from './x.ts';"],
    ['edges/ingress/plain/a.ts', "import { x } from '../../envoy/x.ts';\nimport { y } from '../sites.ts';"],
    ['core/a.ts', 'const when = new Date(0);'],
    ['spec/a.ts', "import { z } from 'zod';\nimport { x } from '../core/x.ts';"],
    ['edges/envoy/a.ts', "import { isDeepStrictEqual } from 'node:util';\nimport { x } from './x.ts';"],
    ['edges/all.ts', "import { envoy } from './envoy/all.ts';\nimport { ats } from './ats/all.ts';"],
    [
      'inject/a.ts',
      "// Date.now() is not used\n/* nor is Math.random() */\nimport { x } from '../core/x.ts';",
    ],
    [
      'cli/a.ts',
      "import { readFile } from 'node:fs/promises';\nimport { x } from '../server/x.ts';\nDate.now();",
    ],
  ])('lets %s do %j', (file, text) => {
    expect(violations([{ file, text }])).toEqual([]);
  });
});
