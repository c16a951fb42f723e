import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ClusterError } from './cluster-error.ts';

/** An API server waits for its watchers to leave for much longer. */
const STOP_WITHIN_MS = 3_000;
const POLL_EVERY_MS = 50;
const SHOWN_LINES = 12;

export interface PartSpec {
  /** As it is called in messages: `etcd`, `kube-apiserver`. */
  readonly name: string;
  readonly command: readonly string[];
  readonly logFile: string;
  /** Instead of this process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Runs on when this process ends; otherwise it is killed then, however that happens. */
  readonly outlives?: boolean;
}

/** A running process of a cluster. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  /** Asks it to end, and kills it when it does not. */
  readonly stop: () => Promise<void>;
  /** Polls until it is ready; throws a ClusterError with the log's last lines when it ends first or takes too long. */
  readonly ready: (isReady: () => Promise<boolean>, withinMs: number) => Promise<void>;
}

/** Starts a process with its output in a file. */
export function startPart(spec: PartSpec): Part {
  const log = openSync(spec.logFile, 'a');
  const [program = '', ...args] = spec.outlives
    ? spec.command
    : ['setpriv', '--pdeathsig', 'KILL', '--', ...spec.command];
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
    detached: true,
    env: spec.env ?? process.env,
  });
  closeSync(log);
  if (spec.outlives) child.unref();
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signal) => {
    failure ??= `ended with ${signal ?? code}`;
  });
  const failed = (what: string) => new ClusterError(`${spec.name} ${what}\n${lastLines(spec.logFile)}`);
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    stop: () => stop(child),
    ready: async (isReady, withinMs) => {
      const deadline = Date.now() + withinMs;
      while (!(await isReady().catch(() => false))) {
        if (failure !== undefined) throw failed(failure);
        if (Date.now() > deadline) throw failed(`was not ready within ${withinMs / 1000} s`);
        await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
      }
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(timer);
}

function lastLines(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES);
  return [`${logFile} ends with:`, ...lines.map((line) => `  ${line}`)].join('\n');
}
