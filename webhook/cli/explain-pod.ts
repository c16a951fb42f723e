import { Command } from 'commander';
import { summariseUpstreams } from '../inject/annotations.ts';
import { inject, type Outcome } from '../inject/inject.ts';
import { type Found, mapTemplates } from '../inject/objects.ts';
import type { PodTemplate } from '../inject/pod.ts';
import { POD_REASONS } from '../inject/reasons.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Io } from './io.ts';
import { loadManifests, loadPlan } from './load.ts';
import { type DiversionOption, kubernetesVersion, sidecarForm, withDiversion, withJson } from './options.ts';

interface Options extends DiversionOption {
  readonly file: string;
  readonly namespace?: string;
  readonly json?: true;
  readonly kubernetesVersion: string;
}

/** `shunt explain-pod`: would this pod be injected, why (not), and with what. */
export function explainPodVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('explain-pod')))
    .description('say whether a pod would be injected, and why')
    .option('-f, --file <file>', 'a manifest, YAML or JSON; - is standard input', '-')
    .option('-n, --namespace <name>', 'namespace, when the object names none')
    .addOption(kubernetesVersion())
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'explain-pod', options.diversion);
  if (!loaded) return EXIT.badInput;
  const file = await loadManifests(io, 'explain-pod', options.file, options.namespace);
  if (!file) return EXIT.badInput;
  const form = sidecarForm(options.kubernetesVersion);
  const pods: ReturnType<typeof describe>[] = [];
  for (const { object } of file.manifests) {
    mapTemplates(object, (found) => {
      const namespace = found.namespace ?? options.namespace ?? 'default';
      if (found.unknownAt !== undefined) return found.template;
      pods.push(describe(found, namespace, inject(found.template, namespace, loaded.plan, form)));
      return found.template;
    });
  }
  if (pods.length === 0) {
    io.error(`shunt explain-pod: ${options.file}: holds no pod, and no object with a pod template\n`);
    return EXIT.badInput;
  }
  if (options.json) io.out(`${JSON.stringify(pods.length === 1 ? pods[0] : { pods })}\n`);
  else for (const pod of pods) io.out(format(pod));
  return pods.every(({ inject }) => inject) ? EXIT.fine : EXIT.finding;
}

function describe({ kind, name }: Found, namespace: string, outcome: Outcome<PodTemplate>) {
  const base = {
    kind,
    name,
    namespace,
    inject: outcome.kind === 'injected',
    outcome: outcome.kind,
    reason: outcome.reason,
    detail: outcome.kind === 'refused' ? outcome.detail : POD_REASONS[outcome.reason],
  };
  if (outcome.kind === 'skipped') return base;
  const { workload } = outcome;
  return {
    ...base,
    workload: workload.name,
    captures: workload.captures,
    listeners: workload.listeners.map(({ port, upstream }) => ({
      address: `127.0.0.1:${port}`,
      upstream: upstream.name,
      target: upstream.target.role,
    })),
    diverts: summariseUpstreams(workload),
    notes: outcome.kind === 'injected' ? outcome.notes : [],
  };
}

/** The files are in a volume, so only the config step, which reads them, can name the addresses. */
const OUTSIDE =
  "addresses in these files that are no listed upstream's stay as they are, even if path or body names a diverted host; the config step's log lists them";

function format(pod: ReturnType<typeof describe>): string {
  const lines = [`${pod.namespace}/${pod.kind}/${pod.name}: ${pod.outcome} (${pod.reason}: ${pod.detail})`];
  if ('workload' in pod) {
    lines.push(`  workload  ${pod.workload}`, `  captures  ${pod.captures.map(captureText).join('; ')}`);
    lines.push(`  diverts   ${pod.diverts}`);
    if (pod.captures.some(({ kind }) => kind === 'files')) lines.push(`  outside   ${OUTSIDE}`);
    lines.push(...pod.notes.map((note) => `  note      ${note}`));
  }
  return `${lines.join('\n')}\n`;
}

function captureText(capture: {
  readonly kind: string;
  readonly path?: string;
  readonly files?: readonly string[];
}): string {
  return capture.path === undefined
    ? capture.kind
    : `${capture.kind} ${capture.path}/${capture.files?.join(', ')}`;
}
