import { createServer } from 'node:http';
import { milliseconds } from '../core/duration.ts';
import { failure, type Result, success } from '../core/problem.ts';
import { createApp, createHealthApp } from '../server/app.ts';
import { Connections } from '../server/connections.ts';
import { type Drain, drainServer } from '../server/drain.ts';
import { type Listening, listen, REQUEST_TIMES } from '../server/listen.ts';
import type { MutateContext } from '../server/mutate.ts';
import { isCertificate, type KeyPair } from '../server/tls.ts';
import { readBytes } from './read-file.ts';
import type { ListenOptions } from './serve-options.ts';

/** kubelet and Prometheus open one each. */
const MAX_HEALTH_CONNECTIONS = 64;

const MAX_DRAIN = milliseconds(20_000);

/** Settles with the first signal that asks the process to end. */
export function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

/** Serves reviews with that certificate. */
export async function listenForReviews(
  context: MutateContext,
  drain: Drain,
  pair: KeyPair,
  options: ListenOptions,
): Promise<Result<Listening>> {
  const { clientCa, clientNetwork: networks } = options;
  const ca = clientCa === undefined ? undefined : await readAuthority(clientCa);
  if (ca?.ok === false) return ca;
  const clients = { ...(ca ? { ca: ca.value } : {}), ...(networks ? { networks } : {}) };
  return listen(createApp(context, drain), pair, options, clients);
}

/** PEM of the CA that signs the certificates of clients. */
async function readAuthority(file: string): Promise<Result<string>> {
  const bytes = await readBytes(file);
  if (!bytes.ok) return failure(bytes.problems.map((problem) => ({ ...problem, path: file })));
  const pem = bytes.value.toString('utf8');
  if (isCertificate(pem)) return success(pem);
  const message = 'holds no certificate';
  const remedy = 'give the PEM of the authority that signs the certificate of the API server as a client';
  return failure([{ code: 'certificate', path: file, value: undefined, message, remedy }]);
}

/** Serves health and metrics without TLS, where that is asked for; gives how to end it, and the port. */
export function listenForHealth(
  context: MutateContext,
  drain: Drain,
  { host, metricsPort }: ListenOptions,
): Promise<Result<{ readonly close: () => void; readonly port: number | undefined }>> {
  if (metricsPort === undefined) return Promise.resolve(success({ close: () => undefined, port: undefined }));
  const server = createServer(REQUEST_TIMES, createHealthApp(context, drain));
  new Connections(server, MAX_HEALTH_CONNECTIONS);
  return new Promise((resolve) => {
    server.once('error', ({ message }) => {
      const remedy = 'choose another with --metrics-port';
      resolve(
        failure([{ code: 'listen', path: `${host}:${metricsPort}`, value: undefined, message, remedy }]),
      );
    });
    server.listen(metricsPort, host, () => {
      const address = server.address();
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      resolve(success({ close, port: typeof address === 'object' ? address?.port : undefined }));
    });
  });
}

/** Stops taking reviews without losing one; gives whether all were answered. */
export function drainReviews(
  { server, sockets }: Listening,
  drain: Drain,
  { drainGrace }: ListenOptions,
): Promise<boolean> {
  return drainServer(server, drain, sockets, { graceMs: drainGrace, longestMs: MAX_DRAIN });
}
