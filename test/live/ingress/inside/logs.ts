import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const SHOWN_LINES = 15;

/** The last lines of every log in a folder, for the message of a failure. */
export async function logsOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
  const ends = await Promise.all(
    names.map(async (name) => {
      const lines = (await readFile(path.join(folder, name), 'utf8')).trimEnd().split('\n');
      return [`${name}:`, ...lines.slice(-SHOWN_LINES)].join('\n  ');
    }),
  );
  return ends.join('\n');
}
