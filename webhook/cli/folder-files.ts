import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { failure, type Result, success } from '../core/problem.ts';
import { fileProblem } from './file-problem.ts';

/** The paths of all files below a folder, sorted; a folder without any is a problem. */
export async function filesIn(folder: string): Promise<Result<readonly string[]>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
    if (files.length > 0) return success(files);
    const remedy = 'render something to it first';
    return failure([{ code: 'file', path: '', value: undefined, message: 'holds no file', remedy }]);
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}
