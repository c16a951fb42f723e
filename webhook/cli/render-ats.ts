import { type Result, success } from '../core/problem.ts';
import { type AtsFiles, atsFiles, REMAP_FILE } from '../edges/ats/files.ts';
import { type DivertedRemap, revertRemap } from '../edges/ats/remap.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, readText, reportProblems } from './io.ts';
import type { Loaded } from './load.ts';
import { type FilesOptions, writeFiles } from './render-files.ts';

/** `shunt render ats`: remap.config with the diversion in it, the script, and the share. */
export async function renderAts(io: Io, loaded: Loaded, options: FilesOptions): Promise<ExitCode> {
  const rendered = await render(io, loaded, options);
  if (!rendered.ok) {
    // What is wrong with a file has no path; what has one is in the diversion.
    for (const problem of rendered.problems)
      reportProblems(io, 'render', problem.path === '' ? (options.in ?? '') : loaded.file, [problem]);
    return EXIT.badInput;
  }
  const { files, remap } = rendered.value;
  const written = await writeFiles(io, options, files);
  return written !== EXIT.fine || options.revert ? written : report(io, remap, options.in ?? REMAP_FILE);
}

async function render(io: Io, { plan }: Loaded, options: FilesOptions): Promise<Result<AtsFiles>> {
  if (options.in === undefined) return atsFiles(plan);
  const input = await readText(options.in, io);
  if (!input.ok) return input;
  if (!options.revert) return atsFiles(plan, input.value);
  const reverted = revertRemap(input.value, plan.diversion);
  if (!reverted.ok) return reverted;
  const text = reverted.value;
  return success({ files: { [REMAP_FILE]: text }, remap: { text, lines: [], findings: [] } });
}

function report(io: Io, { lines, findings }: DivertedRemap, file: string): ExitCode {
  for (const { line, reason } of findings) io.error(`shunt render: ${file}:${line}: ${reason}\n`);
  if (lines.length === 0)
    io.error(
      'shunt render: no rule goes to a declared upstream; the rules are unchanged [ats-nothing-to-divert]\n',
    );
  return lines.length > 0 && findings.length === 0 ? EXIT.fine : EXIT.finding;
}
