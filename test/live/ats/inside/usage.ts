import { readFile } from 'node:fs/promises';
import { cpuSeconds, residentMemoryMib } from '../../../bench/proc.ts';
import type { RunningTrafficServer } from '../../../stage/traffic-server.ts';
import type { Usage } from '../ats-run.ts';

/** As the kernel writes them. */
const ESTABLISHED = '01';
const LOOPBACK = '0100007F';

/** What a Traffic Server has used and holds, by the kernel's account. */
export async function usageOf(server: RunningTrafficServer): Promise<Usage> {
  const process = await server.processId();
  return {
    cpuSeconds: await cpuSeconds(process),
    memoryMib: await residentMemoryMib(process),
    connections: await establishedByPort(),
  };
}

/** At the side of the origins: those listen on IPv4, each on an address of its own, however they are reached. */
async function establishedByPort(): Promise<Record<number, number>> {
  const lines = (await readFile('/proc/net/tcp', 'utf8')).trim().split('\n').slice(1);
  const ports = lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address, port = ''] = local.split(':');
    return state === ESTABLISHED && address !== LOOPBACK ? [Number.parseInt(port, 16)] : [];
  });
  const counted = Map.groupBy(ports, (port) => port);
  return Object.fromEntries([...counted].map(([port, all]) => [port, all.length]));
}
