import { fork } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { AppAnswer, AppCall } from '../stage/app.ts';

/*
 * Runs in a container where changeprop would: the app is a process beside, and is asked over HTTP.
 * POST /call takes an AppCall without its id, and answers with an AppAnswer as JSON; POST /loop makes that call again
 * and again from then on, and GET /loop says who answered when, and forgets it; any other path says how many calls
 * were made.
 */

/** Where changeprop and jobqueue listen; their probes ask for a connection alone. */
const PORTS = [7272, 7200];

const app = fork(path.join(import.meta.dirname, '../stage/app.ts'), process.argv.slice(2));
const waiting = new Map<number, (answer: AppAnswer) => void>();
let next = 1;

app.on('message', (message: AppAnswer | { ready: true }) => {
  if ('ready' in message) for (const port of PORTS) createServer(listener).listen(port);
  else {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  }
});
app.once('exit', (code) => process.exit(code ?? 1));
process.once('SIGTERM', () => {
  app.kill();
  process.exit(0);
});

function listener(request: IncomingMessage, response: ServerResponse): void {
  void answer(request)
    .then((answer) => response.end(JSON.stringify(answer)))
    .catch((error: Error) => response.writeHead(400).end(error.message));
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const isLoop = request.url === '/loop';
  if (request.method !== 'POST') return isLoop ? takeLoop() : { calls: next - 1, waiting: waiting.size };
  const given = await read<LoopCall>(request);
  return isLoop ? startLoop(given) : call(given);
}

interface LoopCall extends Omit<AppCall, 'id'> {
  readonly everyMs: number;
}

/** Who answered the calls of the loop: how often, and when last, in milliseconds since 1970. */
export type LoopReport = Readonly<Record<string, { readonly count: number; readonly lastMs: number }>>;

let report: Record<string, { count: number; lastMs: number }> = {};

function startLoop({ everyMs, ...given }: LoopCall): { everyMs: number } {
  setInterval(() => {
    const startedMs = Date.now();
    void call(given).then(({ status, body }) => {
      const site = (body as { site?: string } | undefined)?.site ?? `status ${status}`;
      const { count, lastMs } = report[site] ?? { count: 0, lastMs: 0 };
      report[site] = { count: count + 1, lastMs: Math.max(lastMs, startedMs) };
    });
  }, everyMs);
  return { everyMs };
}

function takeLoop(): LoopReport {
  const taken = report;
  report = {};
  return taken;
}

function call(given: Omit<AppCall, 'id'>): Promise<AppAnswer> {
  const id = next++;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    app.send({ ...given, id });
  });
}

async function read<T>(request: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as T;
}
