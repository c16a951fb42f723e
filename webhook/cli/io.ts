import { describeProblem, type Problem, type Result } from '../core/problem.ts';
import { readBytes, readStream } from './read-file.ts';
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

/** Reads a file as text; `-` is standard input. */
export async function readText(file: string, io: Io): Promise<Result<string>> {
  const bytes = file === '-' ? await readStream(io.stdin) : await readBytes(file);
  return bytes.ok ? decodeUtf8(bytes.value) : bytes;
}

/** Prints each problem on a line of its own, with the place where an editor finds it. */
export function reportProblems(io: Io, verb: string, file: string, problems: readonly Problem[]): void {
  const name = file === '-' ? 'standard input' : file;
  for (const problem of problems) {
    const place = problem.line === undefined ? name : `${name}:${problem.line}:${problem.column}`;
    io.error(`shunt ${verb}: ${place}: ${describeProblem(problem)}\n`);
  }
}
