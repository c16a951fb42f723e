import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { fileProblem } from './file-problem.ts';

const PERMISSIONS = 0o7777;

/**
 * Writes a regular file whole or not at all. A symbolic link is followed, and a file that exists keeps its mode and
 * owner; a new one gets the given mode, less what the umask takes.
 */
export async function writeWhole(
  file: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<Result<void>> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const before = await statOf(file);
    const target = before?.isSymbolicLink() ? await realpath(file) : file;
    const existing = before?.isSymbolicLink() ? await lstat(target) : before;
    if (existing && !existing.isFile()) return failure([notRegular(existing)]);
    await replace(target, content, { mode, existing });
    return success(undefined);
  } catch (error) {
    return failure([fileProblem(error, 'written')]);
  }
}

interface Replacing {
  readonly mode: number;
  readonly existing: Stats | undefined;
}

/** By way of a file beside it, under a name that cannot be taken before. */
async function replace(target: string, content: string | Uint8Array, replacing: Replacing): Promise<void> {
  const name = `.${path.basename(target).slice(0, 100)}.${randomBytes(8).toString('hex')}.tmp`;
  const temporary = path.join(path.dirname(target), name);
  const handle = await open(temporary, 'wx', replacing.mode);
  try {
    await fill(handle, content, replacing.existing);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function fill(
  handle: FileHandle,
  content: string | Uint8Array,
  existing: Stats | undefined,
): Promise<void> {
  try {
    await handle.writeFile(content);
    if (!existing) return;
    const { uid, gid } = await handle.stat();
    // Only root can change the owner of a file; another user who may write here becomes its owner.
    if (uid !== existing.uid || gid !== existing.gid)
      await handle.chown(existing.uid, existing.gid).catch(() => undefined);
    await handle.chmod(existing.mode & PERMISSIONS);
  } finally {
    await handle.close();
  }
}

async function statOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function notRegular(existing: Stats): Problem {
  const message = existing.isDirectory() ? 'is a folder' : 'is a device, a FIFO or a socket';
  return {
    code: 'file',
    path: '',
    value: undefined,
    message,
    remedy: 'name a regular file, or one that is new',
  };
}
