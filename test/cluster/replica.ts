import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { inRepository } from '../fixtures/read.ts';
import { ClusterError } from './cluster-error.ts';

const LISTENS_WITHIN_MS = 30_000;

export interface ReplicaOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Name of the Service, after which the release's other objects are called. */
  readonly name: string;
  /** Further flags of `shunt serve`. */
  readonly flags?: readonly string[];
  /** The program's entry; the checkout's unless told. */
  readonly program?: string;
  /** A command that runs the rest of its arguments; none unless told. */
  readonly under?: readonly string[];
}

/** A replica of the webhook as a process of its own, outside the cluster that it serves. */
export interface Replica {
  readonly reviewPort: number;
  readonly healthPort: number;
  readonly process: ChildProcess;
  /** Each line of its log, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

/** Starts `shunt serve` against a cluster, and waits until it listens. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { kubeconfig, namespace, name, flags = [] } = options;
  const args = ['serve', '--kubeconfig', kubeconfig, '--namespace', namespace, '--host', '127.0.0.1'];
  const names = [
    '--config-map',
    `${name}-diversion`,
    '--registration',
    `${name}.${namespace}`,
    '--service',
    name,
  ];
  const secrets = ['--secret', `${name}-authority`, '--former-secret', `${name}-ca`];
  const ports = [...secrets, '--name', '127.0.0.1', '--port', '0', '--metrics-port', '0'];
  const node = inRepository('node_modules/.bin/node');
  const { program = inRepository('webhook/cli/main.ts'), under = [] } = options;
  // It must not outlive the test, however that ends.
  const command = [
    '--pdeathsig',
    'KILL',
    '--',
    ...under,
    node,
    program,
    ...args,
    ...names,
    ...ports,
    ...flags,
  ];
  const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const log: Record<string, unknown>[] = [];
  const listening = new Promise<{ port: number; health: number }>((resolve, reject) => {
    const late = setTimeout(() => reject(failed('does not listen', log)), LISTENS_WITHIN_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      if (entry['msg'] !== 'listening') return;
      clearTimeout(late);
      resolve({ port: Number(entry['port']), health: Number(entry['health_port']) });
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(failed(`ended with ${code}`, log));
    });
  });
  const { port, health } = await listening;
  return { reviewPort: port, healthPort: health, process: child, log };
}

/** Ends a replica by that signal, and waits until it is gone. */
export async function stopReplica(
  { process: child }: Replica,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function failed(what: string, log: readonly unknown[]): ClusterError {
  return new ClusterError(`shunt serve ${what}\n${log.map((entry) => JSON.stringify(entry)).join('\n')}`);
}
