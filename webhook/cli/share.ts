import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { changeShare, type DeclaredDiversion } from '../controller/declared-share.ts';
import type { Kube, KubeFailure } from '../controller/kube.ts';
import { type ShareInPods, shareInPods } from '../controller/share-in-pods.ts';
import type { Milliseconds } from '../core/duration.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Io } from './io.ts';
import { durationOption, withJson } from './options.ts';
import { findRelease, type ReleaseOptions, unanswered, withRelease } from './release.ts';
import { ownedElsewhere } from './share-elsewhere.ts';

interface Options extends ReleaseOptions {
  readonly within: Milliseconds;
  readonly dryRun?: true;
  readonly json?: true;
}

const LOOK_EVERY_MS = 1_000;
const MAX_NAMED = 10;
const PERCENT = /^(?:100|[1-9]?[0-9])$/;

/** `shunt share PERCENT`: changes the share of a running release, and follows until the pods run it. */
export function shareVerb(io: Io, done: (code: ExitCode) => void): Command {
  return shareCommand('share')
    .description('change the share of a release, and wait until the proxies of its pods run it')
    .addArgument(new Argument('<percent>', 'from 0 to 100').argParser(readPercent))
    .action(async (share: number, options: Options) => done(await run(io, 'share', share, options)));
}

/** `shunt off`: a share of 0. */
export function offVerb(io: Io, done: (code: ExitCode) => void): Command {
  return shareCommand('off')
    .description('send all requests to production: a share of 0, followed until the proxies run it')
    .action(async (options: Options) => done(await run(io, 'off', 0, options)));
}

function shareCommand(name: string): Command {
  return withRelease(withJson(new Command(name)))
    .addOption(durationOption('--within <duration>', 'how long to wait for the proxies', '2m'))
    .option('--dry-run', 'say what would be changed, and change nothing');
}

function readPercent(value: string): number {
  if (PERCENT.test(value)) return Number(value);
  throw new InvalidArgumentError('It is not a whole number from 0 to 100.');
}

async function run(io: Io, verb: string, share: number, options: Options): Promise<ExitCode> {
  const release = await findRelease(io, verb, options);
  return 'exit' in release ? release.exit : turn({ io, verb, options, ...release }, share);
}

interface Task {
  readonly io: Io;
  readonly verb: string;
  readonly options: Options;
  readonly kube: Kube;
  readonly declared: DeclaredDiversion;
}

async function turn(task: Task, share: number): Promise<ExitCode> {
  const { io, verb, options, kube, declared } = task;
  const { namespace, configMap, plan } = declared;
  if (!declared.enabled && share > 0) {
    const remedy = 'run helm upgrade with --set enabled=true first';
    io.error(`shunt ${verb}: ${plan.diversion} is not enabled, so a share has no effect: ${remedy}\n`);
    return EXIT.finding;
  }
  const change = `share of ${plan.diversion}: ${declared.share} to ${share}`;
  if (options.dryRun) {
    report(task, share, `${change}, in ConfigMap ${namespace}/${configMap} (nothing was changed)`);
    return EXIT.fine;
  }
  const changed = await changeShare(kube, declared, share);
  if ('status' in changed)
    return unanswered(io, verb, `cannot change ConfigMap ${namespace}/${configMap}`, changed);
  if (changed.kind === 'overtaken') {
    const now = changed.by === undefined ? 'the diversion is gone' : `the share is ${changed.by} now`;
    io.error(`shunt ${verb}: somebody else changed it meanwhile, and ${now}: nothing was changed\n`);
    return EXIT.finding;
  }
  if (changed.kind === 'changed' && !options.json)
    io.out(
      `${change}, written to ConfigMap ${namespace}/${configMap}; stopping this command does not undo it\n`,
    );
  const pods = await follow(task, share);
  if ('status' in pods) return unanswered(io, verb, 'the share is written, but pods cannot be listed', pods);
  report(task, share, summary(pods, share), pods);
  return pods.waiting.length + pods.rejected.length > 0 ? EXIT.finding : EXIT.fine;
}

/** Looks once a second, and says each step, until all proxies run the share or the time is over. */
async function follow(
  { io, options, kube, declared }: Task,
  share: number,
): Promise<ShareInPods | KubeFailure> {
  const deadlineMs = performance.now() + options.within;
  let said = '';
  for (;;) {
    const pods = await shareInPods(kube, declared.plan, share);
    if ('status' in pods || pods.waiting.length === 0 || performance.now() > deadlineMs) return pods;
    const step = `${pods.turned} of ${pods.turned + pods.waiting.length} sidecars run ${share} %\n`;
    if (step !== said && !options.json) io.out(step);
    said = step;
    await sleep(LOOK_EVERY_MS);
  }
}

function summary({ turned, waiting, rejected, unknown }: ShareInPods, share: number): string {
  const asked = turned + waiting.length + rejected.length;
  return [
    `${turned} of ${asked} sidecars run ${share} %`,
    ...(waiting.length > 0 ? [`not seen to run it yet: ${named(waiting)}`] : []),
    ...(rejected.length > 0
      ? [`refused an update (kubectl describe pod says which): ${named(rejected)}`]
      : []),
    ...(unknown.length > 0 ? [`unknown, since the pod has an Envoy of its own: ${named(unknown)}`] : []),
  ].join('\n');
}

function named(pods: readonly string[]): string {
  const more = pods.length - MAX_NAMED;
  return more > 0 ? `${pods.slice(0, MAX_NAMED).join(', ')} and ${more} more` : pods.join(', ');
}

function report({ io, options, declared }: Task, share: number, text: string, pods?: ShareInPods): void {
  const elsewhere = ownedElsewhere(declared.plan, share);
  if (options.json) {
    const { plan, share: from } = declared;
    io.out(`${JSON.stringify({ diversion: plan.diversion, from, to: share, pods, elsewhere })}\n`);
    return;
  }
  io.out(`${text}\n`);
  io.out('not changed by this command:\n');
  for (const { edge, todo } of elsewhere) io.out(`  ${edge}: ${todo}\n`);
  io.out(`  the next helm upgrade sets the share of its values again; give it --set share=${share}\n`);
}
