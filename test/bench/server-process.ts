import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import https from 'node:https';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from './bench-error.ts';

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** From spawning the process to its first answer at /readyz. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

export interface Start {
  readonly name: string;
  /** Command line of Node, for a port. */
  readonly args: (port: number) => readonly string[];
  readonly ca: string;
  /** Where its output goes. */
  readonly output: string;
}

const READY_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 5;

/** Starts a server and waits until it is ready. */
export async function startServer(start: Start): Promise<ServerProcess> {
  const port = await freePort();
  const output = await open(start.output, 'a');
  const began = performance.now();
  const child = spawn(process.execPath, start.args(port), { stdio: ['ignore', output.fd, 'inherit'] });
  const stop = (): Promise<void> => stopChild(child, output);
  try {
    await untilReady(child, port, start);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, port, readyMs: performance.now() - began, stop };
}

async function untilReady(child: ChildProcess, port: number, { name, ca }: Start): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(port, ca))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new BenchError(`${name} did not start`);
    if (performance.now() > deadline)
      throw new BenchError(`${name} was not ready within ${READY_WITHIN_MS} ms`);
    await sleep(ASK_EVERY_MS);
  }
}

function isReady(port: number, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get({ host: '127.0.0.1', port, ca, path: '/readyz', agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    request.once('error', () => resolve(false));
  });
}

async function stopChild(child: ChildProcess, output: FileHandle): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await output.close();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new BenchError('no port is free');
  return address.port;
}
