import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issueLeaf } from '../../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../../webhook/core/duration.ts';
import { sendAll } from '../../../conformance/send.ts';
import { type RunningApache, startApache } from '../../../stage/apache.ts';
import { serveSandbox } from '../../../stage/inside.ts';
import { sendBytes } from '../../../stage/send-bytes.ts';
import type { RefusedInput, RefusedOutput } from '../requests.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT, podAddress } from './addresses.ts';
import type { Environment } from './environment.ts';
import { serveIngress } from './serve.ts';

/*
 * Puts an Apache httpd behind every Service that a request under a diverted host may be sent to, asks it directly and
 * through the ingress, and says which requests it took to be for the script. Runs in a sandbox.
 */

const DAY_MS = 24 * 60 * 60 * 1000;
const SHARED = ['web', 'debug'];

async function work({ apache, asked, attacks, http2, ...input }: RefusedInput): Promise<RefusedOutput> {
  const environment = await serveIngress({ ...input, requests: [] });
  const { plan, origins, api } = environment;
  const sni = plan.hosts[0] ?? '';
  const gateway = { address: GATEWAY_ADDRESS, port: GATEWAY_PORT, sni };
  try {
    const servers = await replaceByApache(environment, apache);
    const [web] = servers;
    if (!web) return { directly: [], reached: [], others: 0, jobs: 0 };
    await sendBytes({ address: podAddress(0), port: web.port, sni }, asked);
    const directly = (await web.server.served()).script;
    const jobs = (): number => origins.reduce((sum, { arrivals }) => sum + arrivals.length, 0);
    const before = { served: await servedBy(servers), jobs: jobs() };
    await sendBytes(gateway, [...asked, ...attacks]);
    await sendAll(gateway, http2);
    const after = await servedBy(servers);
    return {
      directly,
      reached: after.script.slice(before.served.script.length),
      others: after.others.length - before.served.others.length,
      jobs: jobs() - before.jobs,
    };
  } finally {
    await api.stop();
  }
}

interface Server {
  readonly port: number;
  readonly server: RunningApache;
}

async function replaceByApache(
  { settings, authority, origins }: Environment,
  apache: RefusedInput['apache'],
): Promise<Server[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-refused-'));
  const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
  const services = Object.entries(settings.services).map(([role, service], index) => ({
    role,
    service,
    index,
  }));
  const shared = services.filter(({ role }) => SHARED.includes(role));
  return Promise.all(
    shared.map(async ({ role, service, index }) => {
      await origins[index]?.close();
      const certificate = await issueLeaf(authority, service.certificateNames, validity);
      const at = { address: podAddress(index), port: service.port };
      const server = await startApache({ ...apache, ...at, certificate, scratch: path.join(scratch, role) });
      return { port: service.port, server };
    }),
  );
}

async function servedBy(servers: readonly Server[]): Promise<Record<'script' | 'others', readonly string[]>> {
  const all = await Promise.all(servers.map(({ server }) => server.served()));
  return { script: all.flatMap(({ script }) => script), others: all.flatMap(({ others }) => others) };
}

await serveSandbox<RefusedInput, RefusedOutput>(work);
