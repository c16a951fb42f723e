import { mkdtemp, rm } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveSandbox } from '../../stage/inside.ts';
import type { Seen } from '../../stage/origins.ts';
import type { Answer, AnswersInput, LiveRequest } from '../live-request.ts';
import { startEnvoyWith } from './envoy-run.ts';

/*
 * Starts one Envoy with a configuration, origins for everything that it leads to, and makes the requests that it is
 * given. Runs in a sandbox.
 */

const CONCURRENT = 8;
const LONGEST_MS = 20_000;

/** Tells requests apart at the origins. */
const NUMBER_HEADER = 'x-stage-number';

async function work(input: AnswersInput): Promise<Answer[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const envoy = await startEnvoyWith(input, scratch);
  try {
    const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
    const answers: Answer[] = new Array(input.requests.length);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < input.requests.length; index = next++) {
        const startMs = performance.now();
        const answer = await send(input.requests[index] as LiveRequest, index, agents);
        answers[index] = { ...answer, elapsedMs: Math.round(performance.now() - startMs) };
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
    const arrivals = Map.groupBy(envoy.arrivals(), (seen) => String(seen.headers[NUMBER_HEADER]));
    return answers.map((answer, index) => ({
      ...answer,
      arrivals: arrivals.get(String(index))?.length ?? 0,
    }));
  } finally {
    envoy.container.process.kill('SIGKILL');
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

function send(live: LiveRequest, index: number, agents: Agents): Promise<Answer> {
  return new Promise((resolve) => {
    const options = {
      host: live.address,
      port: live.port,
      method: live.method,
      path: live.path,
      headers: { ...live.headers, host: live.authority, [NUMBER_HEADER]: String(index) },
      timeout: LONGEST_MS,
    };
    const secure = { ...options, agent: agents.https, rejectUnauthorized: false, servername: '' };
    const sent = live.tls
      ? httpsRequest(secure, (response) => void read(response).then(resolve))
      : httpRequest({ ...options, agent: agents.http }, (response) => void read(response).then(resolve));
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', (error) => resolve({ status: 0, failure: error.message }));
    sent.end(live.body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  const base = { status, headers: response.headers, ...(location === undefined ? {} : { location }) };
  return text.startsWith('{"site"')
    ? { ...base, seen: JSON.parse(text) as Seen }
    : { ...base, text: text.slice(0, 200) };
}

await serveSandbox<AnswersInput, Answer[]>(work);
