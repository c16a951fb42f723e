import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { issueAuthority, issueLeaf } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import { inRepository } from '../fixtures/read.ts';
import { type ServerProcess, type Start, startServer } from './server-process.ts';

const LIFETIME = milliseconds(24 * 60 * 60 * 1000);
const CERT = 'tls.crt';
const KEY = 'tls.key';

/** Leaves a certificate for both servers in the folder; gives the authority's. */
export async function writeCertificate(folder: string): Promise<string> {
  const validity = { now: new Date(), lifetime: LIFETIME };
  const authority = await issueAuthority('shunt bench', validity);
  const leaf = await issueLeaf(authority, ['127.0.0.1'], validity);
  await writeFile(path.join(folder, CERT), leaf.cert);
  await writeFile(path.join(folder, KEY), leaf.key);
  return authority.cert;
}

/** The webhook, with its own logging, into a file. */
export function webhookStart(folder: string, ca: string): Start {
  const options = (port: number): Readonly<Record<string, string>> => ({
    '--host': '127.0.0.1',
    '--port': String(port),
    '--tls-cert': path.join(folder, CERT),
    '--tls-key': path.join(folder, KEY),
    '--diversion': inRepository('chart/diversion.yaml'),
    '--drain-grace': '0s',
  });
  const program = [inRepository('webhook/cli/main.ts'), 'serve', '--standalone'];
  return {
    name: 'the webhook',
    args: (port) => [...program, ...Object.entries(options(port)).flat()],
    ca,
    output: path.join(folder, 'webhook.log'),
  };
}

/** The floor, which gives the answer that stands in that file. */
export function floorStart(folder: string, ca: string, answer: string): Start {
  return {
    name: 'the floor',
    args: (port) => [inRepository('test/bench/floor.ts'), folder, String(port), answer],
    ca,
    output: path.join(folder, 'floor.log'),
  };
}

export interface Started {
  readonly server: ServerProcess;
  /** Of every start. */
  readonly readyMs: readonly number[];
}

/** Starts a server that many times, and leaves the last one running. */
export async function startRepeatedly(start: Start, times: number): Promise<Started> {
  const readyMs: number[] = [];
  for (;;) {
    const server = await startServer(start);
    readyMs.push(server.readyMs);
    if (readyMs.length === times) return { server, readyMs };
    await server.stop();
  }
}
