import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issueLeaf } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import { planOf } from '../../live/ask.ts';
import { BYSTANDERS } from '../../live/ats/inside/bystanders.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { PORT, startTrafficServer } from '../../stage/traffic-server.ts';
import type { TrafficServerTool } from '../../stage/traffic-server-tool.ts';
import { startWorld } from '../../stage/world.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';
import { sendAll } from '../send.ts';

/** Runs in a sandbox: one Traffic Server, asked at its plain door or at the one where it ends TLS. */
export interface AtsInput {
  readonly tool: TrafficServerTool;
  readonly diversion: string;
  readonly files: Readonly<Record<string, string>>;
  readonly records: readonly string[];
  readonly door: 'http' | 'https';
  readonly requests: readonly ConformanceRequest[];
}

const TLS_PORT = 3443;
const DAY_MS = 24 * 60 * 60 * 1000;

async function work(input: AtsInput): Promise<ConformanceAnswer[]> {
  const plan = planOf(input.diversion);
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-conformance-'));
  const besides = [{ name: 'miscweb.discovery.wmnet', target: plan.targets[0]?.address ?? '' }];
  const world = await startWorld(plan, scratch, { bystanders: BYSTANDERS, besides });
  const { cert, key } = await issueLeaf(world.authority, plan.hosts, {
    now: new Date(),
    lifetime: milliseconds(DAY_MS),
  });
  const files = {
    ...input.files,
    'tls/server.pem': `${cert}${key}`,
    'ssl_multicert.config': 'dest_ip=* ssl_cert_name=server.pem\n',
  };
  const records = [
    ...input.records,
    `proxy.config.http.server_ports STRING ${PORT} ${TLS_PORT}:ssl`,
    'proxy.config.ssl.server.cert.path STRING /etc/trafficserver/tls',
    'proxy.config.ssl.server.private_key.path STRING /etc/trafficserver/tls',
  ];
  await startTrafficServer({ ...input, files, records, mounts: world.mounts, scratch });
  const plain = { address: '127.0.0.1', port: PORT };
  const secure = { address: '127.0.0.1', port: TLS_PORT, sni: plan.hosts[0] ?? '' };
  try {
    return await sendAll(input.door === 'http' ? plain : secure, input.requests);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<AtsInput, ConformanceAnswer[]>(work);
