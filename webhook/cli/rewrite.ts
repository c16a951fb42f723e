import path from 'node:path';
import { Command } from 'commander';
import { type FileCapture, isFileCapture } from '../core/diversion.ts';
import { findWorkload, type Plan, type PlannedWorkload } from '../core/plan.ts';
import { describeProblem } from '../core/problem.ts';
import { divertText } from '../edges/envoy/text.ts';
import { findLeftovers, originsOf, replaceOrigins } from '../inject/origins.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type CopiedFile, makeFolder, readFolder, writeFolder } from './folder.ts';
import { type Io, reportProblems } from './io.ts';
import { loadPlan } from './load.ts';
import { collect, type DiversionOption, withDiversion, withJson } from './options.ts';
import { decodeUtf8 } from './utf8.ts';

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

type Say = (place: string, message: string) => void;

/** `shunt rewrite`: the config step of an injected pod. Numbered folders in, the same with the calls captured out. */
export function rewriteVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('rewrite')))
    .description("the config step: copy an app's configuration and lead its calls to the proxy")
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
  const ready: { folder: string; files: readonly CopiedFile[] }[] = [];
  for (const [number, capture] of workload.captures.entries()) {
    if (!isFileCapture(capture)) continue;
    const folder = path.join(options.in, String(number));
    const files = await readFolder(folder);
    if (!files.ok) {
      reportProblems(io, 'rewrite', folder, files.problems);
      return EXIT.badInput;
    }
    const rewritten = new Rewriting(say, loaded.plan, workload).rewrite(folder, capture, files.value);
    if (!rewritten) return EXIT.finding;
    ready.push({ folder: path.join(options.out, String(number)), files: rewritten });
  }
  return (await goesPast(io, { options, workload, say })) ?? write(io, options, ready);
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
  const lines = content.toString('latin1').split('\n');
  const direct = lines.flatMap((line, at) => (replaceOrigins(line, app.listeners).count > 0 ? [at + 1] : []));
  for (const line of direct)
    say(
      `${place}:${line}`,
      "names an upstream directly, past the pod's own Envoy; lead it to the Envoy's listener",
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

/** Applies one capture to the files of its folder, and says what it did or looked for. */
class Rewriting {
  readonly #say: Say;
  readonly #plan: Plan;
  readonly #workload: PlannedWorkload;

  constructor(say: Say, plan: Plan, workload: PlannedWorkload) {
    this.#say = say;
    this.#plan = plan;
    this.#workload = workload;
  }

  /** Undefined when a captured file is missing, or holds nothing to capture. */
  rewrite(folder: string, capture: FileCapture, files: readonly CopiedFile[]): CopiedFile[] | undefined {
    const results = new Map<string, Buffer | undefined>();
    for (const name of capture.files) {
      const file = files.find((candidate) => candidate.name === name);
      const place = path.join(folder, name);
      if (!file)
        this.#say(place, `is not there; found ${files.map((other) => other.name).join(', ') || 'no files'}`);
      results.set(name, file && this.#rewriteFile(place, capture.kind, file.content));
    }
    if ([...results.values()].includes(undefined)) return undefined;
    return files.map((file) => ({ ...file, content: results.get(file.name) ?? file.content }));
  }

  #rewriteFile(place: string, kind: FileCapture['kind'], content: Buffer): Buffer | undefined {
    return kind === 'files' ? this.#replaceOrigins(place, content) : this.#divertEnvoy(place, content);
  }

  #replaceOrigins(place: string, content: Buffer): Buffer | undefined {
    const { listeners } = this.#workload;
    // Latin-1 maps each byte to one character and back, so bytes that are no UTF-8 survive.
    const { text, count } = replaceOrigins(content.toString('latin1'), listeners);
    if (count === 0) {
      this.#say(
        place,
        `holds none of ${originsOf(listeners).join(', ')}; the app would go round the sidecar`,
      );
      return undefined;
    }
    for (const { line, address } of findLeftovers(text, listeners)) {
      this.#say(`${place}:${line}`, `still names ${address}, in a form that is not captured`);
    }
    this.#say(place, `${count} origins led to the sidecar`);
    return Buffer.from(text, 'latin1');
  }

  #divertEnvoy(place: string, content: Buffer): Buffer | undefined {
    const decoded = decodeUtf8(content);
    const diverted = decoded.ok ? divertText(decoded.value, this.#plan) : decoded;
    if (!diverted.ok) {
      for (const problem of diverted.problems)
        this.#say(problem.line === undefined ? place : `${place}:${problem.line}`, describeProblem(problem));
      return undefined;
    }
    const { report, text } = diverted.value;
    for (const blind of report.blind)
      this.#say(place, `${blind.path}: cannot be diverted by host: ${blind.reason}`);
    if (report.diverted === 0) {
      const endpoints = this.#workload.upstreams.flatMap(({ addresses, port }) =>
        addresses.map((address) => `${address}:${port}`),
      );
      this.#say(place, `no cluster leads to ${endpoints.join(', ')}; the app would go round the diversion`);
      return undefined;
    }
    if (report.blind.some(({ bypass }) => bypass)) return undefined;
    this.#say(place, `${report.diverted} routes diverted`);
    return Buffer.from(text, 'utf8');
  }
}
