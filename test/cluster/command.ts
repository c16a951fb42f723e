import { execFile } from 'node:child_process';
import { ClusterError } from './cluster-error.ts';

const WITHIN_MS = 120_000;

/** Runs a command to its end and gives its standard output; throws a ClusterError with what it said when it fails. */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'utf8', timeout: WITHIN_MS }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(new ClusterError(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}
