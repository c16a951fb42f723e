import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { start } from '../cli/run.ts';

/** The webhook as a process of its own. */
export interface ServerProcess {
  readonly port: number;
  readonly metricsPort: number;
  readonly ca: string;
  /** Each line of its log so far. */
  readonly log: readonly string[];
  /** Resident memory in MiB, now. */
  readonly residentMb: () => number;
  readonly stop: () => void;
}

/** Starts `shunt serve --standalone` on free ports of loopback, and leaves its authority in the folder. */
export async function serveProcess(folder: string, more: readonly string[] = []): Promise<ServerProcess> {
  const own = ['--host', '127.0.0.1', '--port', '0', '--metrics-port', '0', '--self-signed', folder];
  const child = start(['serve', '--standalone', ...own, '--drain-grace', '0ms', ...more]);
  child.stderr.pipe(process.stderr);
  const log: string[] = [];
  const ready = await new Promise<{ port: number; health_port: number }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      log.push(line);
      // Only the first: the last may be cut off when the process is killed.
      if (log.length === 1) resolve(JSON.parse(line));
    });
  });
  return {
    port: ready.port,
    metricsPort: ready.health_port,
    ca: readFileSync(path.join(folder, 'ca.crt'), 'utf8'),
    log,
    residentMb: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
