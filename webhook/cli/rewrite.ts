import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { isFileCapture } from '../core/diversion.ts';
import { findWorkload, type PlannedWorkload } from '../core/plan.ts';
import { type AuthoritiesFrom, authoritiesFiles } from '../edges/envoy/target-authorities.ts';
import { blankComments } from '../inject/comments.ts';
import { replaceOrigins } from '../inject/origins.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type CopiedFile, makeFolder, readFolder, writeFolder } from './folder.ts';
import { type Io, reportProblems } from './io.ts';
import { type Loaded, loadPlan } from './load.ts';
import { collect, type DiversionOption, withDiversion, withJson } from './options.ts';
import { Rewriting, type Say } from './rewriting.ts';

interface Options extends DiversionOption {
  readonly workload: string;
  readonly in: string;
  readonly out: string;
  readonly mountPoint?: readonly string[];
  readonly ownEnvoy?: true;
  readonly json?: true;
}

interface Said {
  readonly place: string;
  readonly message: string;
}

/** `shunt rewrite`: the config step of an injected pod. Numbered folders in, the same with the calls captured out. */
export function rewriteVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('rewrite')))
    .description("the config step: copy an app's configuration and route its calls to the proxy")
    .requiredOption('-w, --workload <name>', 'whose captures to apply')
    .requiredOption('--in <folder>', 'folder with one numbered folder for each capture')
    .requiredOption('--out <folder>', 'where to leave the copies, under the same numbers')
    .option('--own-envoy', "the pod has the workload's own Envoy, past which its app must not go")
    .option(
      '--mount-point <folder>',
      'folder to create in the copies, for a volume that is mounted there',
      collect,
    )
    .action(async (options: Options) => {
      const said: Said[] = [];
      const say: Say = (place, message) => {
        said.push({ place, message });
        if (!options.json) io.error(`shunt rewrite: ${place}: ${message}\n`);
      };
      const code = await run(io, options, say);
      if (options.json) io.out(`${JSON.stringify({ ok: code === EXIT.fine, messages: said })}\n`);
      done(code);
    });
}

async function run(io: Io, options: Options, say: Say): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'rewrite', options.diversion);
  if (!loaded) return EXIT.badInput;
  const declared = findWorkload(loaded.plan, options.workload);
  const workload = options.ownEnvoy ? declared?.withOwnEnvoy : declared;
  if (!workload) {
    const names = loaded.plan.workloads.map(({ name }) => name).join(', ');
    io.error(`shunt rewrite: ${loaded.file}: no workload ${options.workload}; there are ${names}\n`);
    return EXIT.badInput;
  }
  const outside = options.mountPoint?.find((name) => name.split('/').includes('..'));
  if (outside !== undefined) {
    io.error(`shunt rewrite: --mount-point ${outside} leads out of ${options.out}\n`);
    return EXIT.badInput;
  }
  const authorities = await authoritiesBeside(loaded);
  const ready: { folder: string; files: readonly CopiedFile[] }[] = [];
  for (const [number, capture] of workload.captures.entries()) {
    if (!isFileCapture(capture)) continue;
    const folder = path.join(options.in, String(number));
    const files = await readFolder(folder);
    if (!files.ok) {
      reportProblems(io, 'rewrite', folder, files.problems);
      return EXIT.badInput;
    }
    const rewritten = new Rewriting(say, loaded.plan, workload, authorities).rewrite(
      folder,
      capture,
      files.value,
    );
    if (!rewritten) return EXIT.finding;
    ready.push({ folder: path.join(options.out, String(number)), files: rewritten });
  }
  return (await goesPast(io, { options, workload, say })) ?? write(io, options, ready);
}

/** Where the targets' authorities are: in files beside the diversion, or, where a ConfigMap has none yet, in the clusters. */
async function authoritiesBeside({ file, plan }: Loaded): Promise<AuthoritiesFrom> {
  const present = await readdir(path.dirname(file)).catch(() => []);
  const names = new Set<string>(present);
  return Object.keys(authoritiesFiles(plan)).every((name) => names.has(name)) ? 'folder' : 'inline';
}

/** Looks at the files of an app beside its own Envoy, which must not name an upstream; an exit code where one does. */
async function goesPast(
  io: Io,
  { options, workload, say }: { options: Options; workload: PlannedWorkload; say: Say },
): Promise<ExitCode | undefined> {
  const { app, captures } = workload;
  let direct = 0;
  for (const [index, capture] of app?.captures.entries() ?? []) {
    if (!app || !isFileCapture(capture)) continue;
    const folder = path.join(options.in, String(captures.length + index));
    const files = await readFolder(folder);
    if (!files.ok) {
      reportProblems(io, 'rewrite', folder, files.problems);
      return EXIT.badInput;
    }
    for (const { name, content } of files.value.filter((file) => capture.files.includes(file.name)))
      direct += sayDirect(path.join(folder, name), { content, app, say });
  }
  return direct > 0 ? EXIT.finding : undefined;
}

/** Says each line that names an upstream, and how many there are. */
function sayDirect(
  place: string,
  { content, app, say }: { content: Buffer; app: Pick<PlannedWorkload, 'listeners'>; say: Say },
): number {
  const lines = blankComments(place, content.toString('latin1')).split('\n');
  const direct = lines.flatMap((line, at) => (replaceOrigins(line, app.listeners).count > 0 ? [at + 1] : []));
  for (const line of direct)
    say(
      `${place}:${line}`,
      "names an upstream directly, past the pod's own Envoy; use the address of the Envoy's listener",
    );
  return direct.length;
}

/** Nothing is written before every capture has been applied. */
async function write(
  io: Io,
  options: Options,
  ready: readonly { folder: string; files: readonly CopiedFile[] }[],
): Promise<ExitCode> {
  const steps = [
    ...ready.map(({ folder, files }) => ({ folder, act: () => writeFolder(folder, files) })),
    ...(options.mountPoint ?? []).map((name) => {
      const folder = path.join(options.out, name);
      return { folder, act: () => makeFolder(folder) };
    }),
  ];
  for (const { folder, act } of steps) {
    const result = await act();
    if (!result.ok) {
      reportProblems(io, 'rewrite', folder, result.problems);
      return EXIT.badInput;
    }
  }
  return EXIT.fine;
}
