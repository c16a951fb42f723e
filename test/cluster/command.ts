import { execFile } from 'node:child_process';
import { ClusterError } from './cluster-error.ts';

const WITHIN_MS = 120_000;
const MOST_BYTES = 2 ** 26;

/** Runs a command to its end and gives its standard output; throws a ClusterError with what it said when it fails. */
export function run(program: string, args: readonly string[], withinMs = WITHIN_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'utf8', timeout: withinMs, maxBuffer: MOST_BYTES } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new ClusterError(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}
