import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { getAsset, getAssetKeys, isSea } from 'node:sea';

/** The chart that comes with the program: its own diversion, and the templates that every other chart gets. */
export const OWN_CHART = path.join(import.meta.dirname, '../../chart');

/** Its diversion, which is used when no other is named. */
export const OWN_DIVERSION = 'diversion.yaml';

/** The text of a file of that chart: from the folder, or from within the single-file executable. */
export function readOwn(name: string): Promise<string> {
  return isSea() ? Promise.resolve(getAsset(name, 'utf8')) : readFile(path.join(OWN_CHART, name), 'utf8');
}

/** The files below a folder of that chart within the single-file executable; undefined where there is a folder. */
export function builtInFiles(folder: string): string[] | undefined {
  if (!isSea()) return undefined;
  const names = getAssetKeys().filter((name) => name.startsWith(`${folder}/`));
  return names.map((name) => name.slice(folder.length + 1)).sort();
}
