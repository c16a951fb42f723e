import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Waits for its standard input to end, which it does when the process that started it is gone for whatever reason. */
const WHEN_GONE = 'trap "" HUP INT TERM; cat >/dev/null; sleep 1; "$@"; sleep 2; "$@"';

/** Runs a command soon after this process has ended, even by SIGKILL; twice, for what was still being written. */
export function runWhenGone(command: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const keeper = spawn('sh', ['-c', WHEN_GONE, 'keeper', ...command], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  keeper.unref();
  (keeper.stdin as Socket).unref();
}

/** Makes a folder for this process; it is removed soon after the process has ended. */
export async function makeKeptFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  runWhenGone(['rm', '-rf', folder]);
  return folder;
}
