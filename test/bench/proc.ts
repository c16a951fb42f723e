import { readFile } from 'node:fs/promises';
import { BenchError } from './bench-error.ts';

/** Of every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const USER_TIME_FIELD = 11;

/** The most memory that a process ever held, in MiB. */
export async function peakMemoryMib(pid: number): Promise<number> {
  const status = await readProc(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** The memory that a process holds now, in MiB. */
export async function residentMemoryMib(pid: number): Promise<number> {
  const status = await readProc(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** Processor time that a process has used, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readProc(`/proc/${pid}/stat`);
  // The name in front may hold anything, so count from the bracket that ends it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TIME_FIELD]) + Number(fields[USER_TIME_FIELD + 1])) / TICKS_PER_SECOND;
}

async function readProc(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new BenchError(`memory and processor time are read from /proc: ${(error as Error).message}`);
  }
}
