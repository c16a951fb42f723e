import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issueLeaf } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { startOrigin } from '../../stage/origins.ts';
import { type SidecarInput, startSidecar } from './sidecar-run.ts';

export interface PatienceInput extends SidecarInput {
  /** How long the first bytes of each connection wait in front of the service. */
  readonly handshakeMs: number;
  /** How many requests at once. */
  readonly count: number;
  /** How long the service takes for each. */
  readonly answerMs: number;
}

/** How many requests were answered 200, of those sent to the service itself and of those through the sidecar. */
export interface PatienceOutput {
  readonly direct: number;
  readonly sidecar: number;
}

const BEHIND_GATE = 20_000;

async function work(input: PatienceInput): Promise<PatienceOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { world, workload } = await startSidecar(input, scratch);
  const [listener] = workload.listeners;
  const [name = ''] = listener?.upstream.addresses ?? [];
  const { port = 0 } = listener?.upstream ?? {};
  const address = world.hosts[name] ?? '';
  await world.origins.get(`${name}:${port}`)?.close();
  const validity = { now: new Date(), lifetime: milliseconds(3_600_000) };
  const certificate = await issueLeaf(world.authority, [name], validity);
  const behind = port + BEHIND_GATE;
  await startOrigin({ address, port: behind, sites: [{ name: 'production' }], certificate });
  const gate = createServer({ pauseOnConnect: true }, (socket) => {
    setTimeout(() => {
      const onward = connect(behind, address);
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    }, input.handshakeMs);
  });
  await new Promise<void>((resolve) => gate.listen({ port, host: address, backlog: 4096 }, resolve));
  const headers = { host: 'en.wikipedia.org', 'x-stage-delay-ms': String(input.answerMs) };
  const options = { method: 'POST', path: '/rpc/RunSingleJob.php', headers };
  const maxSockets = input.count;
  const secure = { ...options, host: address, port, servername: name, rejectUnauthorized: false };
  const agent = new SecureAgent({ maxSockets });
  const direct = await countFine(input.count, (done) => secureRequest({ ...secure, agent }, done));
  const plain = {
    ...options,
    host: '127.0.0.1',
    port: listener?.port ?? 0,
    agent: new Agent({ maxSockets }),
  };
  const sidecar = await countFine(input.count, (done) => plainRequest(plain, done));
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return { direct, sidecar };
}

type Send = (done: (response: IncomingMessage) => void) => ClientRequest;

async function countFine(count: number, send: Send): Promise<number> {
  const one = (): Promise<boolean> =>
    new Promise((resolve) => {
      const sent = send((response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
      });
      sent.on('error', () => resolve(false));
      sent.end();
    });
  const fine = await Promise.all(Array.from({ length: count }, one));
  return fine.filter(Boolean).length;
}

await serveSandbox<PatienceInput, PatienceOutput>(work);
