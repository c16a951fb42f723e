import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { BenchError } from './bench-error.ts';
import type { Burst, BurstResult, Reply } from './load.ts';

const LOAD = path.join(import.meta.dirname, 'load.ts');

export interface Client {
  readonly send: (burst: Burst) => Promise<BurstResult>;
  readonly stop: () => Promise<void>;
}

/** The client as a process of its own, which keeps its connections from one burst to the next. */
export function startClient(): Client {
  const child = fork(LOAD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code]): never => {
    throw new BenchError(`the client ended with code ${code}`);
  });
  // Looked at only while a burst runs.
  ended.catch(() => undefined);
  return {
    send: async (burst) => {
      child.send(burst);
      const [reply] = (await Promise.race([once(child, 'message'), ended])) as [Reply];
      if ('error' in reply) throw new BenchError(`the load broke off: ${reply.error}`);
      return reply.result;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}
