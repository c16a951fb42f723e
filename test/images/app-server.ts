import { fork } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { AppAnswer, AppCall } from '../stage/app.ts';

/*
 * Runs in a container where changeprop would: the app is a process beside, and is asked over HTTP.
 * POST /call takes an AppCall without its id, and answers with an AppAnswer as JSON; GET /metrics and any other path
 * say how many calls were made.
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
  const answered =
    request.method === 'POST'
      ? read(request).then(call)
      : Promise.resolve({ calls: next - 1, waiting: waiting.size });
  void answered
    .then((answer) => response.end(JSON.stringify(answer)))
    .catch((error: Error) => response.writeHead(400).end(error.message));
}

function call(given: Omit<AppCall, 'id'>): Promise<AppAnswer> {
  const id = next++;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    app.send({ ...given, id });
  });
}

async function read(request: IncomingMessage): Promise<Omit<AppCall, 'id'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Omit<AppCall, 'id'>;
}
