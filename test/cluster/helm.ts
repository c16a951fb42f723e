import { execFile } from 'node:child_process';
import { ClusterError } from './cluster-error.ts';
import { findTool } from './tool.ts';

const WITHIN_MS = 180_000;

export interface HelmRun {
  readonly kubeconfig: string;
  /** Major version of Helm: 3 unless told. */
  readonly version?: '3' | '4';
}

/** Runs helm and gives what it printed; throws a ClusterError when it fails. */
export async function helm({ kubeconfig, version = '3' }: HelmRun, args: readonly string[]): Promise<string> {
  const program = await findTool('helm', version);
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      timeout: WITHIN_MS,
      maxBuffer: 2 ** 26,
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new ClusterError(`helm ${args.join(' ')}: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
}
