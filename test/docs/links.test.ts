import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';
import { PAGES } from './pages.ts';

/** Text outside of code, where brackets are links. */
function prose(page: string): string {
  return readFileSync(inRepository(page), 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, 'code');
}

/** The anchors of a page's headings, as GitHub and VitePress make them of such headings. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(inRepository(page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(PAGES)('%s', (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const local = links.filter((link) => !/^[a-z]+:/.test(link));

  it('links to files and headings that exist', () => {
    const broken = local.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      if (!existsSync(inRepository(target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

it('every page can be reached from the README', () => {
  const seen = new Set(['README.md']);
  for (const page of seen) {
    for (const [, link = ''] of prose(page).matchAll(/\]\(([^)\s#]+)/g)) {
      const target = path.join(path.dirname(page), link);
      if (PAGES.includes(target)) seen.add(target);
    }
  }
  expect([...seen].sort()).toEqual([...PAGES].sort());
});
