import { type IncomingMessage, request as sendRequest } from 'node:http';
import { type Milliseconds, milliseconds } from '../core/duration.ts';
import { IN_FORCE_PATH, RUNTIME_PATH } from '../edges/envoy/in-force.ts';
import type { ReportPages } from '../observe/proxy-report.ts';

export interface ProxyAddress {
  readonly address: string;
  readonly port: number;
}

export type ProxyAnswer =
  | ({ readonly ok: true } & ReportPages)
  | { readonly ok: false; readonly why: string };

/** Asks one proxy what it runs. Every call ends by itself. */
export type AskProxy = (proxy: ProxyAddress) => Promise<ProxyAnswer>;

const TIMEOUT = milliseconds(2_000);
/** A page of ours is a few kilobytes. A pod is a tenant's, and may send anything for ever. */
const MAX_PAGE_BYTES = 64 * 1024;
const OK = 200;

/** Asks by HTTP. No redirect is followed, and nothing but these two paths is ever asked for. */
export function askProxyWithin(timeout: Milliseconds = TIMEOUT): AskProxy {
  return async (proxy) => {
    const signal = AbortSignal.timeout(timeout);
    try {
      const statistics = await readPage(proxy, IN_FORCE_PATH, signal);
      return { ok: true, statistics, runtime: await readPage(proxy, RUNTIME_PATH, signal) };
    } catch (error) {
      return { ok: false, why: signal.aborted ? `no answer within ${timeout} ms` : reasonOf(error) };
    }
  };
}

/** Words that are the same for every replica: an event is written once where all say the same. */
function reasonOf(error: unknown): string {
  if (error instanceof PageError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? 'the answer is not HTTP' : `the connection failed (${code})`;
}

class PageError extends Error {}

async function readPage(proxy: ProxyAddress, path: string, signal: AbortSignal): Promise<string> {
  const response = await open(proxy, path, signal);
  try {
    if (response.statusCode !== OK) throw new PageError(`${path} answers ${response.statusCode}`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_PAGE_BYTES) throw new PageError(`${path} is longer than ${MAX_PAGE_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    response.destroy();
  }
}

function open({ address, port }: ProxyAddress, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = sendRequest({ host: address, port, path, agent: false, signal }, resolve);
    sent.once('error', reject);
    sent.end();
  });
}
