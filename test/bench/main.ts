import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ClusterError } from '../cluster/cluster-error.ts';
import { SandboxError } from '../stage/sandbox.ts';
import { TrafficServerError } from '../stage/traffic-server-tool.ts';
import { measureAdmission } from './admission.ts';
import { BenchError } from './bench-error.ts';
import { measureCluster } from './cluster.ts';
import { clusterFindings, switchFindings } from './cluster-findings.ts';
import { edgeFindings } from './edge-findings.ts';
import { measureEdges } from './edges.ts';
import { measureEnvoys } from './envoy-edges.ts';
import { type Finding, findings } from './findings.ts';
import { measureMesh } from './mesh-edges.ts';
import { formatFindings } from './report.ts';
import { measureSwitch } from './switch.ts';

interface ReportOptions {
  readonly json?: true;
  readonly out?: string;
}

interface Options extends ReportOptions {
  readonly seconds: number;
  readonly rounds: number;
}

interface SwitchOptions extends ReportOptions {
  readonly sidecars: number;
  readonly switches: number;
  readonly everyMs: number;
}

interface ClusterOptions extends ReportOptions {
  readonly creations: number;
  readonly namespaces: number;
  readonly pods: number;
}

interface EdgesReportOptions extends ReportOptions {
  readonly requests: number;
  readonly only?: 'ats' | 'envoy' | 'knative';
}

const EXIT = { ran: 0, badInput: 2, unchecked: 3 } as const;

async function admission(options: Options): Promise<void> {
  const { seconds, rounds } = options;
  await report(options, async (say) => {
    const measured = await measureAdmission({ seconds, rounds, say });
    return { findings: findings(measured), seconds, ...measured };
  });
}

async function cluster(options: ClusterOptions): Promise<void> {
  const { creations, namespaces, pods } = options;
  await report(options, async (say) => {
    const measured = await measureCluster({ creations, namespaces, pods, say });
    return { findings: clusterFindings(measured), creations, namespaces, pods, ...measured };
  });
}

async function switching(options: SwitchOptions): Promise<void> {
  const { sidecars, switches, everyMs } = options;
  await report(options, async (say) => {
    const measured = await measureSwitch({ sidecars, switches, everyMs, say });
    return { findings: switchFindings(measured), sidecars, switches, everyMs, ...measured };
  });
}

async function edges(options: EdgesReportOptions): Promise<void> {
  const { requests } = options;
  await report(options, async (say) => {
    const { only } = options;
    const isAsked = (proxy: string): boolean => only === undefined || only === proxy;
    const measured = {
      ...(isAsked('ats') ? { ats: await measureEdges({ requests, say }) } : {}),
      ...(isAsked('envoy') ? await measureEnvoys({ requests, say }) : {}),
      ...(isAsked('knative') ? { knative: await measureMesh({ requests, say }) } : {}),
    };
    const found = Object.entries(measured).flatMap(([edge, all]) => edgeFindings(edge, all));
    return { findings: found, requests, measured };
  });
}

/** Measures, prints what was found, and keeps the raw numbers where that is asked for. */
async function report(
  { json, out }: ReportOptions,
  measure: (say: (text: string) => void) => Promise<{ readonly findings: readonly Finding[] }>,
): Promise<void> {
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    loadBefore: loadavg()[0],
    // Without it Node strips the types at every start, which takes time and memory.
    compileCache: process.env['NODE_COMPILE_CACHE'] !== undefined,
  };
  // Before the work, since a name that cannot be written should not cost a whole measurement.
  if (out !== undefined) await save(out, '');
  const measured = await measure((text) => {
    if (!json) process.stderr.write(`${text}\n`);
  });
  const raw = { ...machine, ...measured };
  if (out !== undefined) await save(out, `${JSON.stringify(raw, undefined, 2)}\n`);
  process.stdout.write(json ? `${JSON.stringify(raw)}\n` : `${formatFindings(measured.findings)}\n`);
}

async function save(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw new BenchError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

function readSeconds(value: string): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('write a number of seconds, at most 3600.');
}

function readCount(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count > 0 && count <= 10_000) return count;
  throw new InvalidArgumentError('write a whole number from 1 to 10000.');
}

function describeError(error: unknown): string {
  return error instanceof BenchError ||
    error instanceof ClusterError ||
    error instanceof SandboxError ||
    error instanceof TrafficServerError
    ? error.message
    : String((error as Error).stack);
}

const program = new Command('bench').description('measure what the program costs').exitOverride();
program
  .command('admission')
  .description(
    'the webhook against a bare HTTPS server that reads the same reviews and gives a fixed answer; ' +
      'an aim that is missed is printed, and is no error',
  )
  .option('--seconds <number>', 'how long each server is measured, over all rounds', readSeconds, 8)
  .option('--rounds <number>', 'rounds in which the two take turns', readCount, 8)
  .option('--json', 'print one JSON object with the raw numbers')
  .option('--out <file>', 'also keep the raw numbers in this file')
  .exitOverride()
  .action(admission);
program
  .command('cluster')
  .description(
    'webhook and controller on a real API server without nodes: time of creations, memory, changes',
  )
  .option(
    '--creations <number>',
    'pods created one after the other, with and without the webhook',
    readCount,
    500,
  )
  .option('--namespaces <number>', 'namespaces that opt in', readCount, 500)
  .option('--pods <number>', 'pods over all of them', readCount, 5000)
  .option('--json', 'print one JSON object with the raw numbers')
  .option('--out <file>', 'also keep the raw numbers in this file')
  .exitOverride()
  .action(cluster);
program
  .command('switch')
  .description('time from `helm upgrade` to the last old decision, on a real kubelet; takes root')
  .option(
    '--sidecars <number>',
    'injected pods that make calls meanwhile; each takes about 150 MB',
    readCount,
    3,
  )
  .option('--switches <number>', 'changes of the share', readCount, 20)
  .option('--every-ms <number>', 'how often each of them calls', readCount, 100)
  .option('--json', 'print one JSON object with the raw numbers')
  .option('--out <file>', 'also keep the raw numbers in this file')
  .exitOverride()
  .action(switching);
program
  .command('edges')
  .description(
    'what 1, 10, 100 and 1,000 diverted hosts cost at the CDN, at an Envoy and in a mesh, against the same without the diversion',
  )
  .option('--requests <number>', 'requests with and without it, by turns', readCount, 4000)
  .addOption(new Option('--only <proxy>', 'only one kind of proxy').choices(['ats', 'envoy', 'knative']))
  .option('--json', 'print one JSON object with the raw numbers')
  .option('--out <file>', 'also keep the raw numbers in this file')
  .exitOverride()
  .action(edges);

try {
  await program.parseAsync();
  process.exitCode = EXIT.ran;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ran : EXIT.badInput;
  else {
    process.stderr.write(`bench: ${describeError(error)}\n`);
    process.exitCode = EXIT.unchecked;
  }
}
