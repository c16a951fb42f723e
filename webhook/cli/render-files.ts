import path from 'node:path';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import type { DiversionOption } from './options.ts';
import { writeWhole } from './write-file.ts';

/** Options of an edge whose files exist already, and are given the diversion or freed of it. */
export interface FilesOptions extends DiversionOption {
  readonly in?: string;
  readonly revert?: true;
  readonly out?: string;
  readonly json?: true;
}

/** Texts by the names of their files. */
export type Files = Readonly<Record<string, string>>;

/** Writes the files to the folder that was asked for, or prints them, titled where there are several. */
export async function writeFiles(io: Io, options: FilesOptions, files: Files): Promise<ExitCode> {
  if (options.json) io.out(`${JSON.stringify({ files })}\n`);
  const entries = Object.entries(files);
  const [[, only = ''] = []] = entries;
  if (options.out === undefined) {
    if (options.json) return EXIT.fine;
    const titled = entries.map(([name, text]) => `==> ${name} <==\n${text}`).join('\n');
    io.out(entries.length === 1 ? only : titled);
    return EXIT.fine;
  }
  for (const [name, text] of entries) {
    const file = path.join(options.out, name);
    const written = await writeWhole(file, text);
    if (written.ok) continue;
    reportProblems(io, 'render', file, written.problems);
    return EXIT.badInput;
  }
  io.error(
    `shunt render: wrote ${entries.length} file${entries.length === 1 ? '' : 's'} to ${options.out}\n`,
  );
  return EXIT.fine;
}
