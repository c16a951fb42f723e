import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEnvoyWith } from '../../live/inside/envoy-run.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { StageError } from '../../stage/stage-error.ts';
import type { EnvoyBenchInput, EnvoyBenchOutput } from '../envoy-edges.ts';

/*
 * One Envoy with the same listener twice, as it was and with the diversion, asked by turns for a host that is not
 * diverted. Runs in a sandbox.
 */

const WARM_UP = 1500;
const US_PER_MS = 1000;
/** Few enough that opening them is no part of the slowest hundredth. */
const REQUESTS_PER_CONNECTION = 250;

async function work(input: EnvoyBenchInput): Promise<EnvoyBenchOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-bench-'));
  const envoy = await startEnvoyWith({ ...input, requests: [] }, scratch);
  try {
    let agent = newAgent();
    const times = { untouchedUs: [] as number[], steppedUs: [] as number[] };
    for (let turn = -WARM_UP; turn < input.requests; turn++) {
      // On a connection of its own each may meet another thread; over many, both meet all of them.
      if (turn % REQUESTS_PER_CONNECTION === 0) {
        agent.destroy();
        agent = newAgent();
      }
      // Either comes first as often as the other.
      const first = turn % 2 === 0 ? 'untouched' : 'diverted';
      const second = turn % 2 === 0 ? 'diverted' : 'untouched';
      const took = { [first]: await ask(agent, input, first), [second]: await ask(agent, input, second) };
      if (turn < 0) continue;
      times.untouchedUs.push(took['untouched'] ?? 0);
      times.steppedUs.push(took['diverted'] ?? 0);
    }
    return { startMs: envoy.readyMs, ...times };
  } finally {
    envoy.container.process.kill('SIGKILL');
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** One request, in microseconds. */
function ask(agent: Agent, input: EnvoyBenchInput, which: keyof EnvoyBenchInput['ports']): Promise<number> {
  const headers = { host: 'en.wikipedia.org' };
  const options = { agent, port: input.ports[which], host: '127.0.0.1', path: input.path, headers };
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve((performance.now() - startMs) * US_PER_MS);
        else reject(new StageError(`Envoy answered ${response.statusCode} at ${which}`));
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

await serveSandbox<EnvoyBenchInput, EnvoyBenchOutput>(work);
