import { createServer } from 'node:net';
import { ClusterError } from './cluster-error.ts';

/** Below those that the kernel hands out for outgoing connections, so that none is taken between two starts. */
const FIRST = 20_000;
const LAST = 29_999;
const MOST_TRIES = 100;

/** A TCP port that nobody listens on at 127.0.0.1. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (await isFree(port)) return port;
  }
  throw new ClusterError(`no free port between ${FIRST} and ${LAST} on 127.0.0.1`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
