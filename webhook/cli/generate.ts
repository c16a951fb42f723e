import path from 'node:path';
import { Command } from 'commander';
import { type ChartFiles, generatedFiles } from '../chart/generated.ts';
import { type Problem, type Result, success } from '../core/problem.ts';
import { readDiversion } from '../spec/parse.ts';
import { refresh, replaceFolder, staleFiles } from './chart-folder.ts';
import { DIVERSION_NAME, isOurChart, readHandWritten, refuseForeign } from './chart-source.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { type Loaded, loadPlan } from './load.ts';
import { type DiversionOption, withDiversion, withJson } from './options.ts';

interface Options extends DiversionOption {
  readonly out?: string;
  readonly check?: true;
  readonly json?: true;
}

/** A chart's folder, and the files that it must have. */
interface Wanted {
  readonly folder: string;
  readonly files: ChartFiles;
  /** Everything in the folder is ours to write, not only what is generated. */
  readonly whole: boolean;
}

/** `shunt generate`: what the chart's templates include, beside the diversion; or a complete chart elsewhere. */
export function generateVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('generate')))
    .description("write the chart's generated files, beside the diversion that they are made from")
    .option(
      '-o, --out <folder>',
      'write a complete chart for the diversion here instead, replacing the one there',
    )
    .option('--check', 'write nothing; name the files that are out of date')
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'generate', options.diversion);
  if (!loaded) return EXIT.badInput;
  const wanted = await wantedFiles(loaded, options.out);
  if (!wanted.ok) return fail(io, options.out ?? loaded.file, wanted.problems);
  const { folder, files } = wanted.value;
  const stale = await staleFiles(folder, files);
  if (!stale.ok) return fail(io, folder, stale.problems);
  if (options.check) return reportStale(io, options, folder, stale.value);
  const written = await write(wanted.value, stale.value);
  if (!written.ok) return fail(io, folder, written.problems);
  if (options.json) io.out(`${JSON.stringify({ folder, written: stale.value })}\n`);
  else io.error(`shunt generate: ${folder}: ${stale.value.length} of ${files.size} files written\n`);
  return EXIT.fine;
}

async function wantedFiles({ file, text }: Loaded, out: string | undefined): Promise<Result<Wanted>> {
  const document = readDiversion(text);
  if (!document.ok) return document;
  const generated = generatedFiles(text, document.value);
  if (out === undefined) return besideDiversion(file, generated);
  // What is looked at must be what is replaced: an empty name is the current folder.
  const folder = path.resolve(out);
  const refused = await refuseForeign(folder);
  if (refused) return { ok: false, problems: [refused] };
  const byHand = await readHandWritten();
  if (!byHand.ok) return byHand;
  const files = new Map([...byHand.value, [DIVERSION_NAME, text], ...generated]);
  return success({ folder, files, whole: true });
}

async function besideDiversion(file: string, files: ChartFiles): Promise<Result<Wanted>> {
  const folder = path.dirname(file);
  if (path.basename(file) === DIVERSION_NAME && (await isOurChart(folder)))
    return success({ folder, files, whole: false });
  const problem: Problem = {
    code: 'in-no-chart',
    path: '',
    value: undefined,
    message: `is not the ${DIVERSION_NAME} of a chart of this program`,
    remedy: 'add --out with a folder for a chart of its own',
  };
  return { ok: false, problems: [problem] };
}

async function write({ folder, files, whole }: Wanted, stale: readonly string[]): Promise<Result<void>> {
  if (stale.length === 0) return success(undefined);
  return whole ? replaceFolder(folder, files) : refresh(folder, files, stale);
}

function reportStale(io: Io, options: Options, folder: string, stale: readonly string[]): ExitCode {
  if (options.json) io.out(`${JSON.stringify({ folder, stale })}\n`);
  else if (stale.length === 0) io.out(`${folder}: all generated files are up to date\n`);
  else
    for (const name of stale)
      io.error(`shunt generate: ${path.join(folder, name)}: is out of date; run shunt generate\n`);
  return stale.length === 0 ? EXIT.fine : EXIT.finding;
}

function fail(io: Io, file: string, problems: readonly Problem[]): ExitCode {
  reportProblems(io, 'generate', file, problems);
  return EXIT.badInput;
}
