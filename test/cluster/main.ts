import { parseArgs } from 'node:util';
import { ClusterError } from './cluster-error.ts';
import { down } from './down.ts';
import { installChart, installWorkload } from './install.ts';
import { isAlive, readState, type State } from './state.ts';
import { upApiOnly, upFull } from './up.ts';

const USAGE = `usage: scripts/cluster up [--api-only | --no-chart] [--audit] | down | status

up        starts a Kubernetes cluster of one node on this machine, without Docker and without a registry, and prints
          how to use it; needs root, and changes nothing outside of its own namespaces, links and folder
          --api-only  etcd, API server and controllers on loopback, no node: what is created there never runs
          --no-chart  without the chart and a workload that it injects
          --audit     the API server of a whole cluster writes each change, and who made it, to audit.log
down      takes everything of it away
status    says what runs; exit code 1 when it does not, or not wholly
`;

interface Options {
  readonly apiOnly: boolean;
  readonly noChart: boolean;
  readonly audit: boolean;
}

class UsageError extends Error {}

async function up({ apiOnly, noChart, audit }: Options): Promise<void> {
  const mode = apiOnly ? 'api-only' : 'full';
  const state = readState();
  if (state && (state.mode !== mode || !isWhole(state)))
    throw new ClusterError(`a cluster (${state.mode}) is there already; scripts/cluster down takes it away`);
  if (state) return show(state);
  try {
    show(await (apiOnly ? upApiOnly() : withChart(await upFull({ audit }), noChart)));
  } catch (error) {
    await down();
    throw error;
  }
  say('up');
}

async function withChart(state: State, noChart: boolean): Promise<State> {
  if (noChart || state.kubeconfig === undefined) return state;
  say('the node is ready');
  await installChart(state.kubeconfig);
  say('the chart is installed');
  await installWorkload(state.kubeconfig, 'jobqueue');
  say('an injected workload runs in changeprop-jobqueue');
  return state;
}

function say(what: string): void {
  process.stderr.write(`${what} after ${(performance.now() / 1000).toFixed(1)} s\n`);
}

function show({ kubeconfig, url }: State): void {
  process.stdout.write(
    `${url}\n  export KUBECONFIG=${kubeconfig}\n  "$(scripts/tools kubectl)" get pods --all-namespaces\n`,
  );
}

function status(): void {
  const state = readState();
  if (!state) {
    process.stdout.write('no cluster; scripts/cluster up starts one\n');
    process.exitCode = 1;
    return;
  }
  for (const one of state.processes)
    process.stdout.write(`${one.name.padEnd(24)} ${isAlive(one) ? `runs (${one.pid})` : 'has ended'}\n`);
  if (isWhole(state)) show(state);
  else process.exitCode = 1;
}

function isWhole(state: State): boolean {
  return state.kubeconfig !== undefined && state.processes.every(isAlive);
}

function parse(): { verb: string; options: Options } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        'api-only': { type: 'boolean' },
        'no-chart': { type: 'boolean' },
        audit: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const [verb = '', ...more] = positionals;
    const options = {
      apiOnly: values['api-only'] ?? false,
      noChart: values['no-chart'] ?? false,
      audit: values.audit ?? false,
    };
    if (more.length === 0) return { verb: values.help ? 'help' : verb, options };
    throw new Error(`there is one verb, not also ${more.join(', ')}`);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function main(): Promise<void> {
  const { verb, options } = parse();
  if (verb === 'up') return up(options);
  if (verb === 'status') return status();
  if (verb === 'down')
    process.stdout.write((await down()) ? 'the cluster is gone\n' : 'there was no cluster\n');
  else if (verb === 'help') process.stdout.write(USAGE);
  else throw new UsageError(verb === '' ? 'which verb?' : `no verb ${verb}`);
}

try {
  await main();
  // Parts that run on hold nothing of this process.
  process.exit();
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof ClusterError)) throw error;
  process.stderr.write(`cluster: ${error.message}\n${error instanceof UsageError ? USAGE : ''}`);
  process.exit(error instanceof UsageError ? 2 : 3);
}
