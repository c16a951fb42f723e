import path from 'node:path';
import { Command } from 'commander';
import type { Plan } from '../core/plan.ts';
import type { DivertReport } from '../edges/envoy/report.ts';
import { authoritiesFiles } from '../edges/envoy/target-authorities.ts';
import { divertText, revertText } from '../edges/envoy/text.ts';
import { configDirectory } from '../edges/pod-paths.ts';
import { writeYaml } from '../edges/write.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, readText, reportProblems } from './io.ts';
import { loadPlan } from './load.ts';
import { type DiversionOption, withDiversion, withJson } from './options.ts';
import { writeWhole } from './write-file.ts';

interface Options extends DiversionOption {
  readonly file: string;
  readonly out?: string;
  readonly authorities?: string;
  readonly revert?: true;
  readonly json?: true;
}

/** `shunt divert`: an Envoy bootstrap in, the same with the diversion added, or taken out again, out. */
export function divertVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('divert')))
    .description("add the diversion to an Envoy's configuration")
    .option('-f, --file <file>', 'Envoy bootstrap, YAML or JSON; - is standard input', '-')
    .option('-o, --out <file>', 'where to write the result (default: standard output)')
    .option(
      '--authorities <folder>',
      'write the files that name the CA of each target there, to be mounted beside the share: Envoy then starts also where the CA is absent',
    )
    .option('--revert', 'take the diversion out instead')
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'divert', options.diversion);
  if (!loaded) return EXIT.badInput;
  const input = await readText(options.file, io);
  if (!input.ok) {
    reportProblems(io, 'divert', options.file, input.problems);
    return EXIT.badInput;
  }
  if (options.revert) {
    const reverted = revertText(input.value, loaded.plan.diversion);
    if (reverted.ok) return write(io, options, reverted.value);
    reportProblems(io, 'divert', options.file, reverted.problems);
    return EXIT.badInput;
  }
  const diverted = divertText(
    input.value,
    loaded.plan,
    options.authorities === undefined ? 'inline' : 'folder',
  );
  if (!diverted.ok) {
    reportProblems(io, 'divert', options.file, diverted.problems);
    return EXIT.badInput;
  }
  const { text, report, writtenAnew } = diverted.value;
  const written = await writeAuthorities(io, loaded.plan, options.authorities);
  if (written !== EXIT.fine) return written;
  const put = await write(io, options, text, report);
  if (put !== EXIT.fine) return put;
  reportDiverted(io, { verb: 'divert', diversion: loaded.plan.diversion, report, writtenAnew });
  if (report.diverted > 0) reportAuthorities(io, loaded.plan, options.authorities);
  return divertExit(report);
}

/** The files are there before the configuration that needs them. */
async function writeAuthorities(io: Io, plan: Plan, folder: string | undefined): Promise<ExitCode> {
  if (folder === undefined) return EXIT.fine;
  for (const [name, config] of Object.entries(authoritiesFiles(plan))) {
    const file = path.join(folder, name);
    const written = await writeWhole(file, writeYaml(config));
    if (written.ok) continue;
    reportProblems(io, 'divert', file, written.problems);
    return EXIT.badInput;
  }
  return EXIT.fine;
}

function reportAuthorities(io: Io, plan: Plan, folder: string | undefined): void {
  const files = [...new Set(plan.targets.map(({ caFile }) => caFile))].join(', ');
  const text =
    folder === undefined
      ? `warning: for every host, Envoy starts only where ${files} exists; --authorities makes it start without`
      : `Envoy starts only where the files of ${folder} are in ${configDirectory(plan.diversion)}`;
  io.error(`shunt divert: ${text}\n`);
}

/** Whether what was asked for is what was done. */
export function divertExit({ diverted, unsupported }: DivertReport): ExitCode {
  const bypassed = unsupported.some(({ bypass }) => bypass);
  return diverted > 0 && !bypassed ? EXIT.fine : EXIT.finding;
}

async function write(io: Io, options: Options, text: string, report?: DivertReport): Promise<ExitCode> {
  if (options.out !== undefined) {
    const written = await writeWhole(options.out, text);
    if (!written.ok) {
      reportProblems(io, 'divert', options.out, written.problems);
      return EXIT.badInput;
    }
    if (options.json) io.out(`${JSON.stringify({ report })}\n`);
    return EXIT.fine;
  }
  io.out(options.json ? `${JSON.stringify({ config: text, report })}\n` : text);
  return EXIT.fine;
}

export interface Reported {
  readonly verb: string;
  readonly diversion: string;
  readonly report: DivertReport;
  readonly writtenAnew: boolean;
}

const WRITTEN_ANEW =
  'note: the text cannot be edited in place, because of JSON, flow style or aliases where lines are added: it is written anew from its data, and --revert gives back the same data in another layout, without comments and anchors';

/** Says what was diverted, and what was not though it might have been. */
export function reportDiverted(io: Io, { verb, diversion, report, writtenAnew }: Reported): void {
  const { diverted, clusters, unsupported } = report;
  if (writtenAnew) io.error(`shunt ${verb}: ${WRITTEN_ANEW}\n`);
  for (const { path, reason } of unsupported)
    io.error(`shunt ${verb}: ${path}: cannot be diverted by host: ${reason}\n`);
  if (diverted === 0) {
    const found =
      unsupported.length === 0 ? 'no route has a declared upstream' : 'no route could be diverted';
    io.error(`shunt ${verb}: ${found}; the configuration is unchanged [envoy-nothing-to-divert]\n`);
  } else {
    const to = clusters.join(', ');
    const routes = diverted === 1 ? `1 route to ${to} is` : `${diverted} routes to ${to} are`;
    const folder = configDirectory(diversion);
    const condition = `Envoy starts only where the folder ${folder}, for the share, is mounted, be it empty`;
    io.error(`shunt ${verb}: ${routes} diverted; ${condition}\n`);
  }
}
