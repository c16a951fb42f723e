import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer as readStream } from 'node:stream/consumers';
import { describeProblem, failure, type Problem, type Result, success } from '../core/problem.ts';
import { decodeUtf8 } from './utf8.ts';

/** What a verb may touch outside itself; main passes the real ones in. */
export interface Io {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A problem together with the file that it was found in. */
export interface Located {
  readonly file: string;
  readonly problem: Problem;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a folder',
  ENOTDIR: 'lies under a file',
  ENOSPC: 'does not fit on the disk',
  EROFS: 'lies on a read-only file system',
};

/** Reads a file as text; `-` is standard input. */
export async function readText(file: string, io: Io): Promise<Result<string>> {
  try {
    return decodeUtf8(file === '-' ? await readStream(io.stdin) : await readFile(file));
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}

/** Writes a file whole or not at all. */
export async function writeWhole(
  file: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<Result<void>> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, content, { mode });
    await rename(temporary, file);
    return success(undefined);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return failure([fileProblem(error)]);
  }
}

/** A failed file operation as a problem. */
export function fileProblem(error: unknown): Problem {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  return {
    code: 'file',
    path: '',
    value: undefined,
    message: REASONS[code] ?? message,
    remedy: code === 'ENOENT' ? 'check the name' : 'check the path and its permissions',
  };
}

/** Prints each problem on a line of its own, with the place where an editor finds it. */
export function reportProblems(io: Io, verb: string, file: string, problems: readonly Problem[]): void {
  const name = file === '-' ? 'standard input' : file;
  for (const problem of problems) {
    const place = problem.line === undefined ? name : `${name}:${problem.line}:${problem.column}`;
    io.error(`shunt ${verb}: ${place}: ${describeProblem(problem)}\n`);
  }
}
