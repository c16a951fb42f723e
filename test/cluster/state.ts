import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Network } from './machine/network.ts';

/** A process, and when it started in ticks since boot: the number alone may be another's by now. */
export interface Process {
  readonly name: string;
  readonly pid: number;
  readonly startedTicks: string | undefined;
}

/** What has been made of a cluster, written down as it is made, so that it can be taken away from any point. */
export interface State {
  readonly mode: 'api-only' | 'full';
  readonly kubeconfig?: string;
  readonly url?: string;
  readonly processes: readonly Process[];
  readonly machine?: Machine;
}

/** The namespaces of a cluster with a node, and what it uses outside of them. */
export interface Machine {
  /** The process that all others end with. */
  readonly holder: Process;
  /** Its child, the first process inside. */
  readonly initPid: number;
  /** Its name is that of the link in the host and of the control group, too. */
  readonly network: Network;
}

/** The folder of this checkout's cluster; tests have others. */
export const FOLDER = process.env['SHUNT_CLUSTER_FOLDER'] ?? path.join(import.meta.dirname, '../../.cluster');

const FILE = path.join(FOLDER, 'state.json');

/** The cluster that was started from this checkout, if any. */
export function readState(): State | undefined {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as State) : undefined;
}

export function writeState(state: State): void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
  writeFileSync(`${FILE}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${FILE}.new`, FILE);
}

export function identify(name: string, pid: number): Process {
  return { name, pid, startedTicks: startedTicks(pid) };
}

export function isAlive({ pid, startedTicks: known }: Process): boolean {
  return known !== undefined && startedTicks(pid) === known;
}

/** Undefined when there is no such process, or only what is left of one. */
function startedTicks(pid: number): string | undefined {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
