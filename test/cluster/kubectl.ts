import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findTool } from './tool.ts';

const WITHIN_MS = 60_000;

/** What kubectl printed, on both streams, and its exit code. */
export interface Kubectl {
  readonly status: number;
  readonly text: string;
}

/** Runs kubectl with that kubeconfig; an input is given to it as JSON. A webhook in this process can be asked meanwhile. */
export async function kubectl(
  kubeconfig: string,
  args: readonly string[],
  input?: unknown,
  withinMs = WITHIN_MS,
): Promise<Kubectl> {
  const child = spawn(await findTool('kubectl'), args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    timeout: withinMs,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => (text += chunk));
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  const [status] = await once(child, 'close');
  return { status: status ?? 1, text };
}
