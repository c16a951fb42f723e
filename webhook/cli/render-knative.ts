import path from 'node:path';
import { type Result, success } from '../core/problem.ts';
import { type MergedText, mergeText, revertText } from '../edges/knative/text.ts';
import { knativeValues } from '../edges/knative/values.ts';
import { writeYaml } from '../edges/write.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, readText, reportProblems } from './io.ts';
import type { Loaded } from './load.ts';
import { type FilesOptions, writeFiles } from './render-files.ts';

const VALUES_FILE = 'values.yaml';

/** `shunt render knative`: the values that a cluster of model servers is to merge, or its own with them merged. */
export async function renderKnative(io: Io, loaded: Loaded, options: FilesOptions): Promise<ExitCode> {
  if (options.revert && options.in === undefined) {
    io.error('shunt render: --revert needs --in, the values that have the diversion\n');
    return EXIT.badInput;
  }
  const rendered = await render(io, loaded, options);
  if (!rendered.ok) {
    for (const problem of rendered.problems)
      reportProblems(io, 'render', isOfDiversion(problem.path) ? loaded.file : (options.in ?? ''), [problem]);
    return EXIT.badInput;
  }
  const { text, blind } = rendered.value;
  const written = await writeFiles(io, options, { [fileName(options.in)]: text });
  if (written !== EXIT.fine) return written;
  for (const { path: place, reason } of blind)
    io.error(`shunt render: ${options.in}: ${place}: is not diverted: ${reason}\n`);
  return blind.length > 0 ? EXIT.finding : EXIT.fine;
}

async function render(io: Io, { plan }: Loaded, options: FilesOptions): Promise<Result<MergedText>> {
  if (options.in === undefined) {
    const values = knativeValues(plan);
    return values.ok ? success({ text: writeYaml(values.value), blind: [] }) : values;
  }
  const input = await readText(options.in, io);
  if (!input.ok) return input;
  if (!options.revert) return mergeText(input.value, plan);
  const reverted = revertText(input.value, plan.diversion);
  return reverted.ok ? success({ text: reverted.value, blind: [] }) : reverted;
}

function isOfDiversion(place: string): boolean {
  return place.startsWith('spec.');
}

function fileName(input = VALUES_FILE): string {
  return input === '-' ? VALUES_FILE : path.basename(input);
}
