import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';

const page = readFileSync(inRepository('docs/security.md'), 'utf8');
const named = [...new Set([...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path))];
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.endsWith('| Test |'));

describe('docs/security.md', () => {
  it.each(named)('names a test that is there: %s', (path) => {
    expect(existsSync(inRepository(path))).toBe(true);
  });

  it('names one for each sentence, or says that there is none', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row).toMatch(/`test\/|\*not tested\*/);
  });
});
