import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { plan as makePlan } from '../../../webhook/core/plan.ts';
import { parseDiversion } from '../../../webhook/spec/parse.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { StageError } from '../../stage/stage-error.ts';
import { PORT, startTrafficServer } from '../../stage/traffic-server.ts';
import { startWorld } from '../../stage/world.ts';
import { type AtsBenchInput, type AtsBenchOutput, STEPPED_HOST, UNTOUCHED_HOST } from '../edges.ts';

/*
 * One Traffic Server that answers from its cache, so that nothing but itself is measured, asked by turns through a rule
 * as it was and through the same rule with the step. Runs in a sandbox.
 */

const WARM_UP = 1500;
const US_PER_MS = 1000;
const RECORDS = [
  'proxy.config.url_remap.pristine_host_hdr INT 1',
  'proxy.config.ssl.client.verify.server.policy STRING PERMISSIVE',
  'proxy.config.ssl.client.CA.cert.filename STRING /etc/ssl/certs/ca-certificates.crt',
];

async function work(input: AtsBenchInput): Promise<AtsBenchOutput> {
  const parsed = parseDiversion(input.diversion);
  if (!parsed.ok) throw new StageError(JSON.stringify(parsed.problems));
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-bench-'));
  try {
    const world = await startWorld(makePlan(parsed.value), scratch);
    const startMs = performance.now();
    await startTrafficServer({ ...input, records: RECORDS, mounts: world.mounts, scratch });
    const readyMs = performance.now() - startMs;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const times = { untouchedUs: [] as number[], steppedUs: [] as number[] };
    for (let turn = -WARM_UP; turn < input.requests; turn++) {
      const untouched = await ask(agent, UNTOUCHED_HOST);
      const stepped = await ask(agent, STEPPED_HOST);
      if (turn < 0) continue;
      times.untouchedUs.push(untouched);
      times.steppedUs.push(stepped);
    }
    return { startMs: readyMs, ...times };
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** One request, in microseconds. */
function ask(agent: Agent, host: string): Promise<number> {
  const headers = { host, 'x-stage-cache-control': 'max-age=3600' };
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port: PORT, host: '127.0.0.1', path: '/wiki/X', headers }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve((performance.now() - startMs) * US_PER_MS);
        else reject(new StageError(`Traffic Server answered ${response.statusCode}`));
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

await serveSandbox<AtsBenchInput, AtsBenchOutput>(work);
