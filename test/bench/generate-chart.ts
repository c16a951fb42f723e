import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { inRepository } from '../fixtures/read.ts';

/** The chart for a diversion (its text), below a folder; gives the chart's own folder. */
export async function generateChart(folder: string, diversionText: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const diversion = path.join(folder, 'diversion.yaml');
  await writeFile(diversion, diversionText);
  const chart = path.join(folder, 'chart');
  await promisify(execFile)(inRepository('scripts/shunt'), ['generate', '-d', diversion, '--out', chart]);
  return chart;
}
