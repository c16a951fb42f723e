import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { type ChartFiles, DIVERSION_SCHEMA_FILE, GENERATED_FOLDER } from '../chart/generated.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { fileProblem } from './file-problem.ts';
import { builtInFiles, OWN_CHART, readOwn } from './own-chart.ts';

const CHART_NAME = 'pretrain-shunt';
export const DIVERSION_NAME = 'diversion.yaml';
const WRITTEN_BY_HAND = ['.helmignore', 'Chart.yaml', 'values.yaml'];
const TEMPLATES = 'templates';
const BELONGS = [
  ...WRITTEN_BY_HAND,
  TEMPLATES,
  GENERATED_FOLDER,
  DIVERSION_NAME,
  DIVERSION_SCHEMA_FILE,
  'values.schema.json',
];

/** The files of the chart that people write, the diversion apart. */
export async function readHandWritten(): Promise<Result<ChartFiles>> {
  try {
    const templates = builtInFiles(TEMPLATES) ?? (await filesBelow(path.join(OWN_CHART, TEMPLATES)));
    const names = [...WRITTEN_BY_HAND, ...templates.map((name) => `${TEMPLATES}/${name}`)];
    const texts = await Promise.all(names.map(readOwn));
    return success(new Map(names.map((name, index) => [name, texts[index] ?? ''])));
  } catch (error) {
    return failure([fileProblem(error)]);
  }
}

/** Whether the folder is a chart of ours: one with our name and a diversion of its own. */
export async function isOurChart(folder: string): Promise<boolean> {
  try {
    const chart: unknown = parse(await readFile(path.join(folder, 'Chart.yaml'), 'utf8'));
    const named = chart !== null && typeof chart === 'object' && Reflect.get(chart, 'name') === CHART_NAME;
    return named && (await readdir(folder)).includes(DIVERSION_NAME);
  } catch {
    return false;
  }
}

/** Nothing, an empty folder, or a chart of ours with nothing else in it may be replaced; the rest is a problem. */
export async function refuseForeign(folder: string): Promise<Problem | undefined> {
  try {
    const entries = await readdir(folder);
    if (entries.length === 0) return undefined;
    if (!(await isOurChart(folder)))
      return foreign('is not a chart of this program, and not empty', entries[0]);
    const strange = entries.find((name) => !BELONGS.includes(name));
    return strange === undefined
      ? undefined
      : foreign('has a file that does not belong to such a chart', strange);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : fileProblem(error);
  }
}

/** Every file below the folder, by its path with slashes; none where there is no folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files
      .map(({ parentPath, name }) =>
        path.relative(folder, path.join(parentPath, name)).split(path.sep).join('/'),
      )
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function foreign(message: string, value: string | undefined): Problem {
  return {
    code: 'not-our-chart',
    path: '',
    value,
    message,
    remedy: 'name another folder, or empty this one',
  };
}
