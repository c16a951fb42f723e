import https from 'node:https';
import type { Socket } from 'node:net';
import { pino } from 'pino';
import { type Issued, issueAuthority, issueLeaf } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { createApp } from '../../webhook/server/app.ts';
import { Drain } from '../../webhook/server/drain.ts';
import { listen } from '../../webhook/server/listen.ts';
import { createMetrics, type Metrics } from '../../webhook/server/metrics.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, plain } from '../fixtures/read.ts';

const HOUR = milliseconds(3_600_000);

/** The program's own certificates, made once for a test file. */
export async function issue(names: readonly string[] = ['localhost', '127.0.0.1'], now = new Date()) {
  const authority = await issueAuthority('test authority', { now, lifetime: HOUR });
  return { authority, leaf: await issueLeaf(authority, names, { now, lifetime: HOUR }) };
}

export interface Serving {
  readonly server: https.Server;
  readonly sockets: ReadonlySet<Socket>;
  readonly port: number;
  readonly ca: string;
  readonly drain: Drain;
  readonly metrics: Metrics;
  /** The log so far, a line for each entry. */
  readonly log: string[];
  readonly logger: pino.Logger;
}

/** The webhook on a free port of loopback, with the given certificate. */
export async function serve(
  pair: { authority: Issued; leaf: Issued },
  plan: Plan = diversionPlan(),
): Promise<Serving> {
  const log: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void log.push(line) });
  const drain = new Drain();
  const metrics = createMetrics();
  const context = {
    plan: () => plan,
    form: () => 'native' as const,
    notReady: () => undefined,
    log: logger,
    metrics,
    monotonicMs: () => performance.now(),
  } as const;
  const listening = await listen(createApp(context, drain), pair.leaf, { host: '127.0.0.1', port: 0 });
  if (!listening.ok) throw new Error(JSON.stringify(listening.problems));
  return { ...listening.value, ca: pair.authority.cert, drain, metrics, log, logger };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: https.Agent;
}

/** One request, over TLS that trusts the test's own authority alone. */
export function send({ port, ca }: Pick<Serving, 'port' | 'ca'>, sent: Sent): Promise<Reply> {
  const {
    method = 'POST',
    path = '/mutate',
    headers = { 'content-type': 'application/json' },
    body,
    agent,
  } = sent;
  return new Promise((resolve, reject) => {
    const request = https.request(
      { host: '127.0.0.1', port, ca, method, path, headers, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';

/** An AdmissionReview of the creation of a jobqueue pod, with changes to its request. */
export function review(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: UID,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      operation: 'CREATE',
      namespace: 'changeprop-jobqueue',
      name: '',
      object: plain(fixturePod('jobqueue')),
      ...change,
    },
  };
}

/** Sends a review, and gives the status and what was answered. */
export async function ask(serving: Serving, body: unknown) {
  const { status, text } = await send(serving, {
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status, ...(JSON.parse(text) as Answered) };
}

export interface Answered {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly warnings?: readonly string[];
    readonly patchType?: string;
    readonly patch?: string;
    readonly status?: { readonly code: number; readonly message: string };
  };
  readonly error?: { readonly code: string; readonly message: string; readonly uid?: string };
}
