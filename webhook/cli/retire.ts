import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { connectKube } from '../controller/kube-https.ts';
import { lookForRemains, retireRemains } from '../controller/retire.ts';
import type { Retirement } from '../controller/retirement.ts';
import type { Milliseconds } from '../core/duration.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { loadKubeConfig } from './kube-config.ts';
import { collect, durationOption, withJson } from './options.ts';

interface Options {
  readonly kubeconfig?: string;
  readonly namespace?: readonly string[];
  readonly diversionName?: string;
  readonly yes?: true;
  readonly within: Milliseconds;
  readonly json?: true;
}

/** `shunt retire`: takes what a diversion has left in a cluster after it was uninstalled. */
export function retireVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(new Command('retire'))
    .description('after uninstalling: restart what is still injected, then take away what it mounted')
    .option('--kubeconfig <file>', 'the cluster (default: the one that kubectl would take)')
    .option('-n, --namespace <name>', 'only there; repeatable', collect)
    .option('--diversion-name <name>', 'only what this diversion left')
    .addOption(durationOption('--within <duration>', 'how long to wait for the restarts', '10m'))
    .option('--yes', 'do it; without, say what would be done')
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const config = loadKubeConfig(options.kubeconfig, 'user');
  if (!config.ok) {
    reportProblems(io, 'retire', 'cluster', config.problems);
    return EXIT.badInput;
  }
  const kube = connectKube(config.value, () => performance.now());
  const { yes, within, namespace, diversionName } = options;
  const scope = {
    ...(namespace ? { namespaces: namespace } : {}),
    ...(diversionName === undefined ? {} : { diversion: diversionName }),
  };
  const left = await (yes ? retireRemains(kube, scope, within) : lookForRemains(kube, scope));
  if ('status' in left) {
    io.error(`shunt retire: API request failed: ${left.message}\n`);
    return EXIT.unchecked;
  }
  print(io, options, left);
  return yes && left.length > 0 ? EXIT.finding : EXIT.fine;
}

function print(io: Io, { json, namespace, yes }: Options, retirements: readonly Retirement[]): void {
  if (json) {
    io.out(`${JSON.stringify({ left: retirements })}\n`);
    return;
  }
  if (retirements.length === 0) {
    const where = namespace ? `in ${namespace.join(', ')}` : 'in this cluster';
    io.out(`nothing of a diversion is left ${where}\n`);
    return;
  }
  for (const retirement of retirements) io.out(describe(retirement));
  if (!yes) io.out('Nothing was changed; add --yes to do it.\n');
}

function describe({ namespace, restart, stranded, undiverted, remove, blockedBy }: Retirement): string {
  const lines = [
    ...blockedBy.map(
      (name) => `still opted in: take the label off, or remove the registration ${name}, first`,
    ),
    ...restart.map(({ kind, name }) => `restart ${kind} ${name}`),
    ...undiverted.map((name) => `pod ${name} is not injected: its requests go to production already`),
    ...stranded.map((name) => `delete pod ${name} yourself: no restart replaces it`),
    ...remove.map(({ kind, name }) => `then remove ${kind} ${name}`),
  ];
  return `${namespace}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
