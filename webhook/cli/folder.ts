import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { failure, type Result, success } from '../core/problem.ts';
import { fileProblem } from './file-problem.ts';
import { readBytes } from './read-file.ts';
import { writeWhole } from './write-file.ts';

/** A file of a mounted volume, by its name relative to the mount. */
export interface CopiedFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
}

/** The memory volume for the copies holds no more. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Links of kubelet's own (`..data` and the folder it points to), through which every file would be seen twice. */
const KUBELET_PREFIX = '..';

const READABLE = 0o444;
const EXECUTABLE = 0o111;
const OWNER_WRITABLE = 0o200;

/** Reads every file of a mounted volume, following links. */
export async function readFolder(folder: string): Promise<Result<CopiedFile[]>> {
  try {
    const files: CopiedFile[] = [];
    let size = 0;
    for (const name of await listFiles(folder, '')) {
      const place = path.join(folder, name);
      const { mode, size: bytes } = await stat(place);
      size += bytes;
      if (size > MAX_BYTES) return failure([tooLarge(folder)]);
      const content = await readBytes(place);
      if (!content.ok) return content;
      files.push({
        name,
        content: content.value,
        mode: READABLE | (mode & EXECUTABLE) | OWNER_WRITABLE,
      });
    }
    return success(files);
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}

/** Writes the files, each whole or not at all, readable to every user of the pod. */
export async function writeFolder(folder: string, files: readonly CopiedFile[]): Promise<Result<void>> {
  for (const { name, content, mode } of files) {
    const written = await writeWhole(path.join(folder, name), content, mode);
    if (!written.ok) return written;
  }
  return success(undefined);
}

export async function makeFolder(folder: string): Promise<Result<void>> {
  try {
    await mkdir(folder, { recursive: true });
    return success(undefined);
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}

async function listFiles(root: string, below: string): Promise<string[]> {
  const names = (await readdir(path.join(root, below)))
    .filter((name) => !name.startsWith(KUBELET_PREFIX))
    .sort();
  const nested = await Promise.all(
    names.map(async (name) => {
      const relative = path.join(below, name);
      const isFolder = (await stat(path.join(root, relative))).isDirectory();
      return isFolder ? listFiles(root, relative) : [relative];
    }),
  );
  return nested.flat();
}

function tooLarge(folder: string) {
  return {
    code: 'folder-too-large',
    path: '',
    value: undefined,
    message: `holds more than ${MAX_BYTES} bytes`,
    remedy: `capture single files of ${folder} instead`,
  };
}
