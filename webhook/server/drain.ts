import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../core/duration.ts';

/** Whether the server is on its way out; read by every request. */
export class Drain {
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  begin(): void {
    this.#draining = true;
  }
}

export interface DrainTimes {
  /** How long requests are still taken, so that the last of those who do not know yet are answered. */
  readonly graceMs: Milliseconds;
  /** How long requests in flight may then take. */
  readonly longestMs: Milliseconds;
}

const CLOSE_IDLE_EVERY_MS = 50;

/**
 * Leaves without losing a request: not ready any more, but answering, with `Connection: close`; then no new
 * connections; then, once the last answer is out or the time is up, none at all. Gives whether all were answered.
 */
export async function drainServer(
  server: Server,
  drain: Drain,
  sockets: ReadonlySet<Socket>,
  { graceMs, longestMs }: DrainTimes,
): Promise<boolean> {
  drain.begin();
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  await sleep(graceMs);
  const closed = new Promise<true>((resolve) => {
    server.close(() => resolve(true));
  });
  // A connection that is kept alive becomes idle only once its last request is answered.
  const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  const waiting = new AbortController();
  const late = sleep(longestMs, false, { signal: waiting.signal });
  const inTime = await Promise.race([closed, late]);
  // A timer left behind would keep the process from ending.
  waiting.abort();
  clearInterval(idle);
  await late.catch(() => undefined);
  // Also those that never finished a handshake, which the server itself does not know.
  if (!inTime) for (const socket of sockets) socket.destroy();
  return inTime;
}
