import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

/** The pages in the order in which the README lists them, so that there is one list. */
function pages() {
  const [, table = ''] = readFileSync(path.join(root, 'README.md'), 'utf8').split('## Documentation\n');
  return [...table.matchAll(/\[([^\]]+)\]\(([^)]+)\.md\)/g)].map(([, text, link]) => ({
    text,
    link: `/${link}`,
  }));
}

export default {
  title: 'pretrain-shunt',
  description: 'Sends the requests for chosen hosts to a second environment.',
  srcDir: path.join(root, '.cache/site/source'),
  outDir: path.join(root, '.cache/site/html'),
  cacheDir: path.join(root, '.cache/site/vite'),
  rewrites: { 'README.md': 'index.md' },
  cleanUrls: false,
  // Nothing is fetched from elsewhere when a page is read.
  head: [],
  themeConfig: { sidebar: pages(), search: { provider: 'local' }, outline: [2, 3] },
};
