import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { askProxyWithin } from '../../../webhook/controller/ask-proxy.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { type SidecarInput, startSidecar } from './sidecar-run.ts';

export interface TelemetryInput extends SidecarInput {
  /** Whether addresses of IPv6 are taken from the pod before it starts. */
  readonly withoutIpv6?: boolean;
}

/** By loopback address: whether the sidecar said there what it runs. */
export type TelemetryOutput = Readonly<Record<string, boolean>>;

const SWITCH = '/proc/sys/net/ipv6/conf/all/disable_ipv6';

async function work(input: TelemetryInput): Promise<TelemetryOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  if (input.withoutIpv6) writeFileSync(SWITCH, '1');
  const { plan } = await startSidecar(input, scratch);
  const answered: Record<string, boolean> = {};
  for (const address of ['127.0.0.1', '::1'])
    answered[address] = (await askProxyWithin()({ address, port: plan.sidecar.telemetryPort })).ok;
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return answered;
}

await serveSandbox<TelemetryInput, TelemetryOutput>(work);
