import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { filesBelow } from './contents.ts';
import type { Entry } from './tar.ts';

/** The named npm packages of this checkout with all that they need, below the target folder. */
export function packages(root: string, names: readonly string[], target: string): Entry[] {
  const folders = new Set<string>();
  for (const name of names) collect(root, root, name, folders);
  return [...folders].flatMap((folder) =>
    filesBelow(
      folder,
      path.posix.join(target, path.relative(root, folder)),
      (file) => !file.startsWith('node_modules/'),
    ),
  );
}

function collect(root: string, from: string, name: string, into: Set<string>): void {
  const folder = find(root, from, name);
  if (folder === undefined || into.has(folder)) return;
  into.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const needed of Object.keys(dependencies)) collect(root, folder, needed, into);
}

/** As Node looks for a package: beside whoever needs it, then in each folder above. Optional ones may be absent. */
function find(root: string, from: string, name: string): string | undefined {
  const folder = path.join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return from === root ? undefined : find(root, path.dirname(from), name);
}
