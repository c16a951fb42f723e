import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const SOURCE = path.join(ROOT, '.cache/site/source');

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
];

/** A link as the site needs it: files of the repository are served beside the pages, folders are only named. */
function siteLink(page: string, text: string, link: string): string {
  const [file = ''] = link.split('#');
  if (/^[a-z]+:/.test(link) || file === '' || file.endsWith('.md')) return `[${text}](${link})`;
  const target = path.join(path.dirname(page), file);
  if (!existsSync(path.join(ROOT, target)) || statSync(path.join(ROOT, target)).isDirectory()) return text;
  cpSync(path.join(ROOT, target), path.join(SOURCE, 'public', target));
  return `<a href="/${target}" target="_blank">${text.replace(/^`(.*)`$/, '<code>$1</code>')}</a>`;
}

rmSync(SOURCE, { recursive: true, force: true });
for (const page of PAGES) {
  // A link is outside of blocks of code.
  const parts = readFileSync(path.join(ROOT, page), 'utf8').split(/(^```[\s\S]*?^```$)/m);
  const text = parts
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(/\[([^\]\n]+)\]\(([^)\s]+)\)/g, (_all, name, link) => siteLink(page, name, link)),
    )
    .join('');
  const file = path.join(SOURCE, page);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
