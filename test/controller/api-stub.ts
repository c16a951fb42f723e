import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, vi } from 'vitest';
import type { Kube } from '../../webhook/controller/kube.ts';
import { connectKube } from '../../webhook/controller/kube-https.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import { issue } from '../server/serving.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const PAIR = await issue();
const TIMEOUT_MS = 1000;

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
}

/** An HTTPS server that answers as it is told, first things first; and with an empty object after that. */
export class ApiStub {
  readonly tokenFile = path.join(tmpdir(), `shunt-token-${randomUUID()}`);
  readonly asked: Asked[] = [];
  answers: Answer[] = [];
  /** The monotonic clock of those who ask. */
  nowMs = 0;
  readonly server: Server = createServer(PAIR.leaf, (request, response) => {
    const { method, url, headers } = request;
    this.asked.push({ method, url, headers });
    (this.answers.shift() ?? json(200, {}))(request, response);
  });

  async open(): Promise<void> {
    writeFileSync(this.tokenFile, 'first');
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.tokenFile, { force: true });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** A client that asks it, or another port, with short time-outs. */
  connect({ below = '', port = this.port, watchMs = TIMEOUT_MS } = {}): Kube {
    const config = new KubeConfig();
    const caData = Buffer.from(PAIR.authority.cert).toString('base64');
    config.loadFromOptions({
      clusters: [{ name: 'c', server: `https://127.0.0.1:${port}${below}`, caData }],
      users: [{ name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile: this.tokenFile } } }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    const timeouts = { request: milliseconds(TIMEOUT_MS), watch: milliseconds(watchMs) };
    return connectKube(config, () => this.nowMs, timeouts);
  }
}

/** Registers a fresh one for each test of the file; what is random is nothing. */
export function apiForEachTest(): () => ApiStub {
  let api: ApiStub;
  beforeEach(async () => {
    api = new ApiStub();
    await api.open();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    api.close();
    vi.restoreAllMocks();
  });
  return () => api;
}

export function json(status: number, body: unknown): Answer {
  return (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function plainText(status: number, text: string): Answer {
  return (_, response) => response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}
