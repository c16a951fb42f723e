import { constants, createHash } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { createServer } from 'node:https';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Issued } from '../../webhook/controller/certificates.ts';

/** What an origin saw of one request; it is also the body of its answer. */
export interface Seen {
  /** Name of the site that answered. */
  readonly site: string;
  readonly sni: string;
  readonly authority: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bodyBytes: number;
  readonly bodySha256: string;
}

/** One set of hosts behind an origin, as an Istio Gateway has them: chosen by SNI, answering to its own hosts alone. */
export interface Site {
  readonly name: string;
  /** Exact names, or `*.suffix`; exact ones win. Absent: any SNI, and none, as a service of its own port has it. */
  readonly sni?: readonly string[];
  /** Hosts that it answers to; absent: any. */
  readonly hosts?: readonly string[];
  /** Requests that it answers to; absent: any. */
  readonly allow?: readonly { readonly method: string; readonly path: string }[];
}

export interface OriginSpec {
  readonly address: string;
  readonly port: number;
  readonly sites: readonly Site[];
  /** Absent: plain HTTP. */
  readonly certificate?: Issued;
  /** The only version that it speaks; absent: any of today. */
  readonly tlsVersion?: TlsVersion | undefined;
}

export type TlsVersion = 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Headers by which a request asks for trouble. */
const STATUS_HEADER = 'x-stage-status';
const DELAY_HEADER = 'x-stage-delay-ms';
const BREAK_HEADER = 'x-stage-break';
const CACHE_HEADER = 'x-stage-cache-control';
const LOCATION_HEADER = 'x-stage-location';

/** An HTTPS server that records and reports what it sees. */
export interface Origin {
  readonly arrivals: readonly Seen[];
  readonly close: () => Promise<void>;
}

export async function startOrigin(spec: OriginSpec): Promise<Origin> {
  const arrivals: Seen[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void answer(spec, arrivals, request, response);
  };
  const server = spec.certificate
    ? secureServer(spec, spec.certificate, listener)
    : createPlainServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(spec.port, spec.address, resolve);
  });
  return { arrivals, close: () => closeServer(server) };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function secureServer(spec: OriginSpec, { cert, key }: Issued, listener: Listener) {
  // Node does not know the SNI of a resumed session, so every connection shakes hands in full.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  const only = spec.tlsVersion && {
    minVersion: spec.tlsVersion,
    maxVersion: spec.tlsVersion,
    // OpenSSL speaks the old ones at this level alone.
    ciphers: 'DEFAULT@SECLEVEL=0',
  };
  const context = createSecureContext({ cert, key, secureOptions, ...only });
  // An unknown SNI ends the handshake, as a gateway without a filter chain for it does.
  const SNICallback = (name: string, done: (error: Error | null, context?: SecureContext) => void): void => {
    if (siteFor(spec, name)) done(null, context);
    else done(new Error(`unknown SNI ${name}`));
  };
  const server = createServer({ cert, key, secureOptions, SNICallback, ...only }, listener);
  server.keepAliveTimeout = 30_000;
  server.on('secureConnection', (socket: TLSSocket & { servername?: string | false }) => {
    if (!siteFor(spec, socket.servername || '')) socket.destroy();
  });
  return server;
}

async function answer(
  spec: OriginSpec,
  arrivals: Seen[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const hash = createHash('sha256');
  let bodyBytes = 0;
  for await (const chunk of request) {
    hash.update(chunk as Buffer);
    bodyBytes += (chunk as Buffer).length;
  }
  const { servername } = request.socket as TLSSocket & { servername?: string | false };
  const sni = servername || '';
  const site = siteFor(spec, sni);
  const authority = request.headers.host ?? '';
  const path = request.url ?? '';
  const method = request.method ?? '';
  const answers = site !== undefined && answersTo(site, authority, method, path);
  const seen: Seen = {
    site: answers ? site.name : `${site?.name ?? 'nobody'}: not found`,
    sni,
    authority,
    method,
    path,
    headers: request.headers,
    bodyBytes,
    bodySha256: hash.digest('hex'),
  };
  arrivals.push(seen);
  await sleep(Number(request.headers[DELAY_HEADER] ?? 0));
  if (request.headers[BREAK_HEADER] !== undefined) {
    request.socket.destroy();
    return;
  }
  const status = Number(request.headers[STATUS_HEADER] ?? (answers ? 200 : 404));
  const cache = request.headers[CACHE_HEADER];
  const location = request.headers[LOCATION_HEADER];
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(typeof cache === 'string' ? { 'cache-control': cache } : {}),
    ...(typeof location === 'string' ? { location } : {}),
  });
  response.end(JSON.stringify(seen));
}

function siteFor(spec: OriginSpec, sni: string): Site | undefined {
  const exact = spec.sites.find((site) => site.sni?.includes(sni));
  const wildcard = spec.sites.find((site) =>
    site.sni?.some((name) => name.startsWith('*.') && sni.endsWith(name.slice(1))),
  );
  return exact ?? wildcard ?? spec.sites.find((site) => site.sni === undefined);
}

function answersTo(site: Site, authority: string, method: string, path: string): boolean {
  const [plainPath] = path.split('?');
  const known = site.hosts?.includes(authority) ?? true;
  return (
    known && (site.allow?.some((allowed) => allowed.method === method && allowed.path === plainPath) ?? true)
  );
}

function closeServer(
  server: ReturnType<typeof createServer> | ReturnType<typeof createPlainServer>,
): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
