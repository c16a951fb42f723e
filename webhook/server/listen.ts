import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { failure, type Result, success } from '../core/problem.ts';
import { type KeyPair, secureOptions } from './tls.ts';

/** A client that sends its request slower than this is no API server. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than the API server keeps an idle connection (90 s), so that it, and not we, closes it. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;
const CONNECTIONS_CHECK_MS = 1_000;
/** A connection that does not even begin TLS is nobody's. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

export interface Listening {
  readonly server: Server;
  /** Every connection that is open, from its first byte on. */
  readonly sockets: ReadonlySet<Socket>;
  readonly port: number;
}

/** Serves the app over TLS; port 0 takes any that is free. */
export async function listen(
  app: Express,
  pair: KeyPair,
  host: string,
  port: number,
): Promise<Result<Listening>> {
  const options = secureOptions(pair);
  if (!options.ok) return options;
  const server = createServer(
    {
      ...options.value,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    },
    app,
  );
  const sockets = trackSockets(server);
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = taken ? 'is in use' : `cannot be listened on: ${error.message}`;
      const remedy = taken ? 'stop what uses it, or choose another with --port' : 'choose another address';
      resolve(failure([{ code: 'listen', path: `${host}:${port}`, value: undefined, message, remedy }]));
    });
    server.listen(port, host, () => {
      resolve(success({ server, sockets, port: (server.address() as AddressInfo).port }));
    });
  });
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}
