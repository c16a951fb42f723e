import { performance } from 'node:perf_hooks';
import { Command, InvalidArgumentError } from 'commander';
import { milliseconds, parseDuration } from '../core/duration.ts';
import { createApp } from '../server/app.ts';
import { Drain, drainServer } from '../server/drain.ts';
import { listen } from '../server/listen.ts';
import { createMetrics } from '../server/metrics.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { openKeyPair, type PairOptions, watchKeyPair } from './key-pair.ts';
import { loadPlan } from './load.ts';
import { openLog } from './log.ts';
import { type DiversionOption, kubernetesVersion, sidecarForm, withDiversion } from './options.ts';

interface Options extends DiversionOption, PairOptions {
  readonly standalone?: true;
  readonly host: string;
  readonly port: number;
  readonly kubernetesVersion: string;
  readonly drainGrace: number;
}

const LONGEST_DRAIN = milliseconds(20_000);
const LARGEST_PORT = 65_535;

/** `shunt serve`: the admission webhook. */
export function serveVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withDiversion(new Command('serve'))
    .description('run the admission webhook')
    .option(
      '--standalone',
      'without a cluster: the diversion comes from the file, certificates from files or ourselves',
    )
    .option('--host <address>', 'address to listen on', '0.0.0.0')
    .option('--port <number>', 'port to listen on; 0 takes any', readPort, 8443)
    .option('--tls-cert <file>', 'PEM certificate; followed when the file changes')
    .option('--tls-key <file>', 'PEM key of the certificate')
    .option(
      '--self-signed <folder>',
      'make a certificate authority and a certificate, and leave ca.crt in this folder',
    )
    .option('--name <name...>', 'names in the self-signed certificate', ['localhost', '127.0.0.1'])
    .option('--drain-grace <duration>', 'how long to go on after SIGTERM before closing', readDuration, 5000)
    .addOption(kubernetesVersion())
    .option('--json', 'for symmetry with the other verbs: the log is one JSON object a line in any case')
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  if (!options.standalone) {
    io.error('shunt serve: running inside a cluster is not built in; add --standalone\n');
    return EXIT.badInput;
  }
  const loaded = await loadPlan(io, 'serve', options.diversion);
  if (!loaded) return EXIT.badInput;
  const log = openLog();
  const pair = await openKeyPair(options, new Date());
  if (!pair.ok) {
    reportProblems(io, 'serve', 'certificate', pair.problems);
    return EXIT.badInput;
  }
  const metrics = createMetrics();
  const drain = new Drain();
  const context = {
    plan: loaded.plan,
    form: sidecarForm(options.kubernetesVersion),
    log,
    metrics,
    monotonicMs: () => performance.now(),
  };
  // From here on, since who reads `ready` may end us in the same instant.
  const signalled = nextSignal();
  const listening = await listen(createApp(context, drain), pair.value, options.host, options.port);
  if (!listening.ok) {
    reportProblems(io, 'serve', 'address', listening.problems);
    return EXIT.badInput;
  }
  const { server, sockets, port } = listening.value;
  const watch = watchKeyPair({ options, server, log, metrics, pair: pair.value });
  log.info(
    { host: options.host, port, diversion: loaded.plan.diversion, hosts: loaded.plan.hosts.length },
    'ready',
  );
  const signal = await signalled;
  log.info({ signal }, 'draining');
  const graceMs = milliseconds(options.drainGrace);
  const complete = await drainServer(server, drain, sockets, { graceMs, longestMs: LONGEST_DRAIN });
  watch.stop();
  log.info({ complete }, 'stopped');
  return EXIT.fine;
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

function readPort(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= LARGEST_PORT && value !== '') return port;
  throw new InvalidArgumentError(`write a number from 0 to ${LARGEST_PORT}.`);
}

function readDuration(value: string): number {
  const duration = parseDuration(value);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('write for example 5s or 500ms.');
}
