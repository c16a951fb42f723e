import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';

/** The first time, packages of the generator are installed. */
const BUILD_MS = 300_000;

let site = '';
let pages: string[] = [];

function read(page: string): string {
  return readFileSync(path.join(site, page), 'utf8');
}

describe('scripts/docs', () => {
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(inRepository('scripts/docs'), { timeout: BUILD_MS });
    site = stdout.trim();
    pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  }, BUILD_MS);

  it('builds a page of each file in docs/', () => {
    const sources = readdirSync(inRepository('docs'), { recursive: true, encoding: 'utf8' });
    const wanted = sources.filter((name) => name.endsWith('.md'));
    expect(wanted.length).toBeGreaterThan(15);
    expect(pages).toEqual(
      expect.arrayContaining(wanted.map((name) => `docs/${name.replace(/md$/, 'html')}`)),
    );
  });

  it('has no link to a file that is not there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/ (?:href|src)="(\/[^"#]*)/g)]
        .map(([, link = '']) => (link === '/' ? '/index.html' : link))
        .filter((link) => !existsSync(path.join(site, link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('loads nothing from another server, and brings its search', () => {
    const foreign = pages.flatMap((page) => [
      ...read(page).matchAll(/<(?:script|link|img)[^>]+(?:src|href)="https?:[^"]*"/g),
    ]);
    expect(foreign).toEqual([]);
    const [index = ''] = readdirSync(path.join(site, 'assets/chunks')).filter((name) =>
      name.startsWith('@localSearchIndex'),
    );
    expect(read(path.join('assets/chunks', index)).includes('notdiverted')).toBe(true);
  });
});
