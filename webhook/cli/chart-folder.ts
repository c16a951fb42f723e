import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChartFiles, SOURCE_FILE } from '../chart/generated.ts';
import { failure, type Result, success } from '../core/problem.ts';
import { filesBelow } from './chart-source.ts';
import { fileProblem } from './file-problem.ts';
import { writeWhole } from './write-file.ts';

/** Which of these files are missing from the folder or differ there, and what else lies in their folders. */
export async function staleFiles(folder: string, files: ChartFiles): Promise<Result<string[]>> {
  try {
    const stale: string[] = [];
    for (const [name, text] of files) if ((await textOf(path.join(folder, name))) !== text) stale.push(name);
    const parts = new Set([...files.keys()].filter((name) => name.includes('/')).map(topOf));
    for (const part of parts) {
      const present = await filesBelow(path.join(folder, part));
      stale.push(...present.map((name) => `${part}/${name}`).filter((name) => !files.has(name)));
    }
    return success(stale.sort());
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}

/** Writes the stale files, and removes those that are no longer generated. */
export async function refresh(
  folder: string,
  files: ChartFiles,
  stale: readonly string[],
): Promise<Result<void>> {
  // The hash goes last: a chart that was left half written says so when it is rendered.
  const order = [...stale].sort((a, b) => Number(a === SOURCE_FILE) - Number(b === SOURCE_FILE));
  for (const name of order) {
    const text = files.get(name);
    const place = path.join(folder, name);
    const done = text === undefined ? await remove(place) : await writeWhole(place, text);
    if (!done.ok) return done;
  }
  return success(undefined);
}

/** Puts a folder with exactly these files where the folder is, or leaves all as it was. */
export async function replaceFolder(folder: string, files: ChartFiles): Promise<Result<void>> {
  const target = await realpath(folder).catch(() => path.resolve(folder));
  const fresh = `${target}.${process.pid}.tmp`;
  const old = `${target}.${process.pid}.old`;
  try {
    for (const [name, text] of files) {
      await mkdir(path.dirname(path.join(fresh, name)), { recursive: true });
      await writeFile(path.join(fresh, name), text);
    }
    await swap(target, fresh, old);
    return success(undefined);
  } catch (error) {
    return failure([fileProblem(error)]);
  } finally {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    await rm(old, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function swap(target: string, fresh: string, old: string): Promise<void> {
  const existed = await rename(target, old).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(fresh, target);
  } catch (error) {
    if (existed) await rename(old, target);
    throw error;
  }
}

async function remove(place: string): Promise<Result<void>> {
  try {
    await rm(place);
    return success(undefined);
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function topOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}
