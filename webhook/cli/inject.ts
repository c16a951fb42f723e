import { Command } from 'commander';
import type { JsonObject } from '../core/json.ts';
import type { Plan } from '../edges/plan.ts';
import { assess } from '../inject/assess.ts';
import { inject, type Outcome } from '../inject/inject.ts';
import { type Found, mapTemplates } from '../inject/objects.ts';
import type { PodTemplate } from '../inject/pod.ts';
import { POD_REASONS } from '../inject/reasons.ts';
import { uninject } from '../inject/uninject.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Io } from './io.ts';
import { loadManifests, loadPlan } from './load.ts';
import { type ManifestFile, writeManifests } from './manifests.ts';
import { type DiversionOption, kubernetesVersion, sidecarForm, withDiversion, withJson } from './options.ts';

interface Options extends DiversionOption {
  readonly file: readonly string[];
  readonly namespace?: string;
  readonly json?: true;
  readonly kubernetesVersion: string;
}

/** What happened to one object, as `--json` and the lines on standard error show it. */
interface ReportLine {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly outcome: Outcome<PodTemplate>['kind'] | 'uninjected' | 'unchanged';
  readonly reason?: string;
  readonly detail?: string;
}

/** What becomes of a template; the line is undefined where there is nothing to tell. */
type Change = (
  found: Found,
  plan: Plan,
  options: Options,
) => { template: PodTemplate; line: ReportLine | undefined };

/** `shunt inject`: manifests in, the same manifests with their pods injected out. */
export function injectVerb(io: Io, done: (code: ExitCode) => void): Command {
  const command = verb('inject', 'inject the pods of manifests, as the webhook would').addOption(
    kubernetesVersion(),
  );
  return command.action(async (options: Options) => done(await run(io, 'inject', options, injectFound)));
}

/** `shunt uninject`: the way back. */
export function uninjectVerb(io: Io, done: (code: ExitCode) => void): Command {
  const command = verb('uninject', 'take an injection out of manifests again');
  return command.action(async (options: Options) => done(await run(io, 'uninject', options, uninjectFound)));
}

function verb(name: string, description: string): Command {
  return withJson(withDiversion(new Command(name)))
    .description(description)
    .option('-f, --file <files...>', 'manifests, YAML or JSON; - is standard input', ['-'])
    .option('-n, --namespace <name>', 'namespace of objects that name none');
}

async function run(io: Io, name: string, options: Options, change: Change): Promise<ExitCode> {
  const loaded = await loadPlan(io, name, options.diversion);
  if (!loaded) return EXIT.badInput;
  const outputs: { file: ManifestFile; changed: JsonObject[] }[] = [];
  const lines: ReportLine[] = [];
  for (const path of options.file) {
    const file = await loadManifests(io, name, path, options.namespace);
    if (!file) return EXIT.badInput;
    const changed = file.manifests.map(({ object }) =>
      mapTemplates(object, (found) => {
        const { template, line } = change(found, loaded.plan, options);
        if (line) lines.push(line);
        return template;
      }),
    );
    outputs.push({ file, changed });
  }
  if (lines.length === 0)
    io.error(`shunt ${name}: note: there is no pod, and no object with a pod template, in this\n`);
  return print(io, name, { options, outputs, lines });
}

function print(
  io: Io,
  name: string,
  {
    options,
    outputs,
    lines,
  }: {
    options: Options;
    outputs: { file: ManifestFile; changed: JsonObject[] }[];
    lines: ReportLine[];
  },
): ExitCode {
  const refused = lines.some(({ outcome }) => outcome === 'refused');
  if (options.json) {
    const objects = refused ? [] : outputs.flatMap(({ changed }) => changed);
    io.out(`${JSON.stringify({ objects, report: lines })}\n`);
    return refused ? EXIT.finding : EXIT.fine;
  }
  for (const line of lines) io.error(`shunt ${name}: ${formatLine(line)}\n`);
  if (refused) return EXIT.finding;
  io.out(joinFiles(outputs.map(({ file, changed }) => writeManifests(file, changed))));
  return EXIT.fine;
}

/** Several files as one: each but the first begins with a mark of its own. */
function joinFiles([first = '', ...others]: readonly string[]): string {
  return others.reduce((whole, text) => {
    const ended = whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`;
    return text.startsWith('---') ? `${ended}${text}` : `${ended}---\n${text}`;
  }, first);
}

function formatLine({ kind, name, namespace, outcome, reason, detail }: ReportLine): string {
  const why = [reason, detail].filter(Boolean).join(': ');
  return `${namespace}/${kind}/${name}: ${outcome}${why === '' ? '' : ` (${why})`}`;
}

function injectFound(found: Found, plan: Plan, options: Options): ReturnType<Change> {
  const namespace = found.namespace ?? options.namespace ?? 'default';
  if (found.unknownAt !== undefined) {
    const concerned = assess(found.template, namespace, plan).inject;
    return { template: found.template, line: concerned ? unknownKind(found, namespace) : undefined };
  }
  const outcome = inject(found.template, namespace, plan, sidecarForm(options.kubernetesVersion));
  const line = {
    kind: found.kind,
    name: found.name,
    namespace,
    outcome: outcome.kind,
    reason: outcome.reason,
    detail: outcome.kind === 'refused' ? outcome.detail : POD_REASONS[outcome.reason],
  };
  return { template: outcome.kind === 'injected' ? outcome.pod : found.template, line };
}

function unknownKind({ kind, name, unknownAt }: Found, namespace: string): ReportLine {
  const reason = 'kind-unknown';
  const detail = `${POD_REASONS[reason]}: a pod template is at ${unknownAt}; leave its pods to the webhook, and the object out of this file`;
  return { kind, name, namespace, outcome: 'refused', reason, detail };
}

function uninjectFound(found: Found, plan: Plan, options: Options): ReturnType<Change> {
  const template = uninject(found.template, plan);
  const outcome = template === found.template ? 'unchanged' : 'uninjected';
  const namespace = found.namespace ?? options.namespace ?? 'default';
  if (found.unknownAt !== undefined) {
    const line = outcome === 'uninjected' ? unknownKind(found, namespace) : undefined;
    return { template: found.template, line };
  }
  return { template, line: { kind: found.kind, name: found.name, namespace, outcome } };
}
