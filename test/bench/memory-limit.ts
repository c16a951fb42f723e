import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { inRepository } from '../fixtures/read.ts';
import { BenchError } from './bench-error.ts';

const ROOT = '/sys/fs/cgroup';

/** A group of processes with a limit of memory, as a kubelet makes one for a container: Node sizes its heap by it. */
export interface MemoryLimit {
  /** Runs the rest of its arguments within the limit. */
  readonly command: readonly string[];
  readonly remove: () => void;
}

/** Needs root; a measure without the limit would be another one. */
export function limitMemory(bytes: number): MemoryLimit {
  const isUnified = existsSync(path.join(ROOT, 'cgroup.controllers'));
  const group = path.join(ROOT, isUnified ? '' : 'memory', `shunt-bench-${process.pid}`);
  const file = path.join(group, isUnified ? 'memory.max' : 'memory.limit_in_bytes');
  try {
    if (isUnified) writeFileSync(path.join(ROOT, 'cgroup.subtree_control'), '+memory');
    mkdirSync(group);
    writeFileSync(file, String(bytes));
  } catch (cause) {
    throw new BenchError(`cannot limit memory by ${file}; run as root: ${String(cause)}`);
  }
  const enter = 'echo $$ > "$0" && exec "$@"';
  const command = ['bash', '-c', enter, path.join(group, 'cgroup.procs')];
  return { command, remove: () => rmdirSync(group) };
}

/** What the chart allows a replica, in bytes. */
export function declaredMemoryLimit(): number {
  const values = parse(readFileSync(inRepository('chart/values.yaml'), 'utf8'));
  const { memory } = values.resources.limits;
  const [, mib] = /^(\d+)Mi$/.exec(memory) ?? [];
  if (mib === undefined) throw new BenchError(`the chart's memory limit is ${memory}, not a number of Mi`);
  return Number(mib) * 2 ** 20;
}
