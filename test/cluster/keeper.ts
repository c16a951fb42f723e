import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Waits for its standard input to end, which it does when the process that started it is gone for whatever reason. */
const REMOVE_LATER = 'trap "" HUP INT TERM; cat >/dev/null; sleep 1; rm -rf "$1"; sleep 2; rm -rf "$1"';

/** Makes a folder for this process; it is removed soon after the process has ended, even by SIGKILL. */
export async function makeKeptFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  const keeper = spawn('sh', ['-c', REMOVE_LATER, 'keeper', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keeper.unref();
  (keeper.stdin as unknown as { unref: () => void }).unref();
  return folder;
}
