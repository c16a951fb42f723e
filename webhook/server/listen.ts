import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { failure, type Result, success } from '../core/problem.ts';
import { admitOnly, type Network } from './clients.ts';
import { Connections } from './connections.ts';
import { type KeyPair, secureOptions } from './tls.ts';

/** A client that sends its request slower than this is not an API server; half a body is given up then. */
export const REQUEST_TIMES = {
  headersTimeout: 3_000,
  requestTimeout: 5_000,
  /** Longer than the API server keeps an idle connection (90 s), so that it, and not we, closes it. */
  keepAliveTimeout: 120_000,
  connectionsCheckingInterval: 1_000,
} as const;
/** For a connection that does not even begin TLS. */
const HANDSHAKE_TIMEOUT_MS = 3_000;
/** A few times what the replicas of an API server open when thousands of pods are created at once. */
const MAX_CONNECTIONS = 512;

/** Which clients may ask for a review; any where neither is given. */
export interface Clients {
  /** PEM of the authorities of which one must have signed the client's certificate. */
  readonly ca?: string;
  /** The networks that clients must be in. */
  readonly networks?: readonly Network[];
}

export interface Address {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

export interface Listening {
  readonly server: Server;
  /** Every connection that is open, from its first byte on. */
  readonly sockets: ReadonlySet<Socket>;
  readonly connections: Connections;
  readonly port: number;
}

/** Serves the app over TLS. */
export async function listen(
  app: Express,
  pair: KeyPair,
  { host, port }: Address,
  clients: Clients = {},
): Promise<Result<Listening>> {
  const options = secureOptions(pair);
  if (!options.ok) return options;
  const { ca, networks } = clients;
  const verified = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  const server = createServer(
    { ...options.value, ...verified, ...REQUEST_TIMES, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    app,
  );
  if (ca !== undefined) keepAuthority(server, ca);
  const connections = new Connections(server, MAX_CONNECTIONS);
  if (networks) admitOnly(server, networks);
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = taken ? 'is in use' : `cannot be listened on: ${error.message}`;
      const remedy = taken ? 'stop what uses it, or choose another with --port' : 'choose another address';
      resolve(failure([{ code: 'listen', path: `${host}:${port}`, value: undefined, message, remedy }]));
    });
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve(success({ server, sockets: connections.sockets, connections, port: taken }));
    });
  });
}

/** A renewed certificate comes without the authority of the clients, which would then be forgotten. */
function keepAuthority(server: Server, ca: string): void {
  const renew = server.setSecureContext.bind(server);
  server.setSecureContext = (options) => renew({ ...options, ca });
}
