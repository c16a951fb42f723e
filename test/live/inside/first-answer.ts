import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveSandbox } from '../../stage/inside.ts';
import type { AnswersInput } from '../live-request.ts';
import { startEnvoyWith } from './envoy-run.ts';

/** From the start of Envoy until it took requests. */
async function work(input: AnswersInput): Promise<number> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { container, readyMs } = await startEnvoyWith(input, scratch);
  container.process.kill('SIGKILL');
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return readyMs;
}

await serveSandbox<AnswersInput, number>(work);
