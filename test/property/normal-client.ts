import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { send } from '../server/serving.ts';

/*
 * A client like an API server, in a thread of its own: one review every few milliseconds over a connection that is
 * kept. When it is told to stop it gives how long each took, in milliseconds.
 */

const { port, ca, body, everyMs } = workerData as { port: number; ca: string; body: string; everyMs: number };
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
const taken: number[] = [];
let stopped = false;

parentPort?.once('message', () => {
  stopped = true;
});

while (!stopped) {
  const began = performance.now();
  const { status } = await send({ port, ca }, { body, agent });
  if (status !== 200) throw new Error(`a usual review was answered with ${status}`);
  taken.push(performance.now() - began);
  await sleep(everyMs);
}
agent.destroy();
parentPort?.postMessage(taken);
