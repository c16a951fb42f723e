import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { formatTable } from '../../webhook/cli/table.ts';
import { atExit } from '../stage/cleanup.ts';
import { EnvoyError, findEnvoy } from '../stage/envoy-tool.ts';
import { runInSandbox, SandboxError } from '../stage/sandbox.ts';
import { type PodFile, readPod, UnusableInput } from './inputs.ts';
import type { Row } from './row.ts';
import type { SessionEvent, SessionInput } from './session.ts';
import { startWebhook } from './webhook-process.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures');
const SESSION = path.join(import.meta.dirname, 'session.ts');
const OWN_DIVERSION = path.join(import.meta.dirname, '../../chart/diversion.yaml');
const SESSION_TIMEOUT_MS = 120_000;

/** The pods of the demonstration, each with its configuration. */
const OWN_PODS = [
  { pod: 'pods/jobqueue.yaml', config: 'config/jobqueue.yaml' },
  { pod: 'pods/changeprop.yaml', config: 'config/changeprop.yaml' },
  { pod: 'pods/mobileapps.yaml', config: 'envoy/mesh.yaml' },
].map(({ pod, config }) => ({ pod: path.join(FIXTURES, pod), config: path.join(FIXTURES, config) }));

interface Options {
  readonly pod?: string;
  readonly config?: string;
  readonly diversion: string;
  readonly envoyVersion?: string;
  readonly json?: true;
}

const EXIT = { right: 0, wrong: 1, badInput: 2, unchecked: 3 } as const;

async function main(): Promise<number> {
  const program = new Command('demo')
    .description(
      'inject pods through the webhook, run what comes out on a real Envoy, and show where calls end',
    )
    .option('--pod <file>', 'a pod of your own (with --config)')
    .option('--config <file>', "its app's configuration, or its Envoy's bootstrap")
    .option('-d, --diversion <file>', 'the diversion', OWN_DIVERSION)
    .option('--envoy-version <version>', 'version of Envoy to run')
    .option('--json', 'print one JSON object')
    .exitOverride();
  const options = program.parse().opts<Options>();
  if ((options.pod === undefined) !== (options.config === undefined)) {
    throw new UnusableInput('--pod and --config go together: the pod, and the configuration that it mounts');
  }
  const pods = options.pod && options.config ? [{ pod: options.pod, config: options.config }] : OWN_PODS;
  const rows = await demonstrate(options, pods);
  const right = rows.filter(({ ok }) => ok).length;
  if (options.json) process.stdout.write(`${JSON.stringify({ rows, right, total: rows.length })}\n`);
  else process.stdout.write(`${format(rows)}\n\n${right} of ${rows.length} right\n`);
  return right === rows.length && rows.length > 0 ? EXIT.right : EXIT.wrong;
}

async function demonstrate(
  options: Options,
  pods: readonly { pod: string; config: string }[],
): Promise<Row[]> {
  const say = (text: string): void => {
    if (!options.json) process.stderr.write(`${text}\n`);
  };
  const diversion = await readInput(options.diversion);
  const envoy = findEnvoy(options.envoyVersion);
  const files = await Promise.all(
    pods.map(async ({ pod, config }) => ({ ...(await readPod(pod)), config: await readInput(config) })),
  );
  const webhook = await startWebhook(options.diversion);
  const rows: Row[] = [];
  try {
    say(`webhook ready on ${webhook.url}`);
    for (const file of files) {
      const scratch = mkdtempSync(path.join(tmpdir(), 'shunt-demo-'));
      const removed = atExit(() => rmSync(scratch, { recursive: true, force: true }));
      const input = await admit(webhook, file, { config: file.config, diversion, envoy, scratch });
      say(
        `${file.namespace}/${input.pod.metadata?.name ?? input.pod.metadata?.generateName}: injected as ${input.workload}`,
      );
      const { absent } = await runInSandbox<SessionInput, { absent: readonly string[] }, SessionEvent>({
        program: SESSION,
        input,
        timeoutMs: SESSION_TIMEOUT_MS,
        onEvent: (event) => ('row' in event ? rows.push(event.row) : say(`  ${event.progress}`)),
      });
      rmSync(scratch, { recursive: true, force: true });
      removed.takeBack();
      if (absent.length > 0) say(`  not run, since their images are not here: ${absent.join(', ')}`);
    }
  } finally {
    await webhook.stop();
  }
  return rows;
}

async function admit(
  webhook: Awaited<ReturnType<typeof startWebhook>>,
  file: PodFile,
  rest: Pick<SessionInput, 'config' | 'diversion' | 'envoy' | 'scratch'>,
): Promise<SessionInput> {
  const { pod, workload } = await webhook.admit(file.pod, file.namespace);
  const captured = (file.pod.spec?.containers ?? []).find(
    (container, index) => JSON.stringify(container) !== JSON.stringify(pod.spec?.containers[index]),
  );
  if (!captured) throw new UnusableInput('the webhook captured no container of the pod');
  return { ...rest, pod, workload, container: captured.name };
}

async function readInput(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UnusableInput(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function format(rows: readonly Row[]): string {
  return formatTable(
    ['', 'request', 'expected', 'seen', 'SNI', 'authority'],
    rows.map(({ ok, request, expected, seen, sni, authority, note }) => [
      ok ? 'ok' : 'WRONG',
      request,
      expected,
      [seen, note].filter(Boolean).join(': '),
      sni ?? '',
      authority ?? '',
    ]),
  );
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.right : EXIT.badInput;
  else {
    process.stderr.write(`demo: ${(error as Error).message}\n`);
    const unchecked = error instanceof SandboxError || error instanceof EnvoyError;
    process.exitCode =
      error instanceof UnusableInput ? EXIT.badInput : unchecked ? EXIT.unchecked : EXIT.wrong;
  }
}
