import { execFile } from 'node:child_process';
import path from 'node:path';
import { ClusterError } from './cluster-error.ts';

const TOOLS = path.join(import.meta.dirname, '../../scripts/tools');

/** Path of a tool that scripts/tools knows, built or fetched first when it is not there; throws a ClusterError. */
export function findTool(...name: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(TOOLS, name, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error) reject(new ClusterError(stderr.trim() || `${TOOLS} cannot be run: ${error.message}`));
      else resolve(stdout.trim());
    });
  });
}
