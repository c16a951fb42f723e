import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { atExit } from '../stage/cleanup.ts';
import { UnusableInput } from './inputs.ts';

const MAIN = path.join(import.meta.dirname, '../../webhook/cli/main.ts');
const READY_WITHIN_MS = 20_000;

interface ReviewResponse {
  readonly allowed: boolean;
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly status?: { readonly message: string };
}

/** The webhook as a process of its own, spoken to as the API server does. */
export async function startWebhook(diversion: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'shunt-webhook-'));
  const args = [
    'serve',
    '--standalone',
    '--self-signed',
    folder,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--drain-grace',
    '0s',
  ];
  const child = spawn(process.execPath, [MAIN, ...args, '--diversion', diversion], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = atExit(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const port = await readyPort(child);
  const ca = await readFile(path.join(folder, 'ca.crt'), 'utf8');
  const agent = new Agent({ ca, keepAlive: true });
  return {
    url: `https://127.0.0.1:${port}`,
    admit: (pod: Pod, namespace: string) => admit(agent, port, pod, namespace),
    stop: async (): Promise<void> => {
      agent.destroy();
      child.kill('SIGTERM');
      await once(child, 'close');
      rmSync(folder, { recursive: true, force: true });
      ended.takeBack();
    },
  };
}

async function readyPort(child: ChildProcess): Promise<number> {
  let output = '';
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const deadline = AbortSignal.timeout(READY_WITHIN_MS);
  return new Promise((resolve, reject) => {
    deadline.addEventListener('abort', () =>
      reject(new Error(`the webhook did not become ready: ${errors}`)),
    );
    child.once('close', () => reject(new UnusableInput(`the webhook did not start: ${errors.trim()}`)));
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      const line = output.split('\n').find((candidate) => candidate.includes('"msg":"ready"'));
      if (line) resolve((JSON.parse(line) as { port: number }).port);
    });
  });
}

async function admit(
  agent: Agent,
  port: number,
  pod: Pod,
  namespace: string,
): Promise<{ pod: Pod; workload: string }> {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '00000000-0000-4000-8000-000000000000',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      operation: 'CREATE',
      namespace,
      object: pod,
      dryRun: false,
    },
  };
  const response = await post(agent, port, JSON.stringify(review));
  if (!response.allowed) throw new UnusableInput(`the webhook refused the pod: ${response.status?.message}`);
  if (!response.patch) {
    const why = response.warnings?.join('; ') ?? 'it gave no reason';
    throw new UnusableInput(`the webhook left the pod in namespace ${namespace} alone: ${why}`);
  }
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[];
  const patched = jsonPatch.applyPatch(structuredClone(pod), operations, true).newDocument;
  return { pod: patched, workload: patched.metadata?.annotations?.[ANNOTATIONS.workload] ?? '' };
}

async function post(agent: Agent, port: number, body: string): Promise<ReviewResponse> {
  const options = {
    agent,
    host: '127.0.0.1',
    port,
    path: '/mutate',
    method: 'POST',
    timeout: READY_WITHIN_MS,
  };
  const sent = request({ ...options, headers: { 'content-type': 'application/json' } });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode?: number }];
  const content = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`the webhook answered ${answer.statusCode}: ${content}`);
  return (JSON.parse(content) as { response: ReviewResponse }).response;
}
