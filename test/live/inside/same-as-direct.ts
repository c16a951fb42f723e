import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issueLeaf } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { type Place, type RawMessage, sendRaw, startRawOrigin } from '../../stage/raw-exchange.ts';
import { StageError } from '../../stage/stage-error.ts';
import { type SidecarInput, startSidecar } from './sidecar-run.ts';

/** One exchange: what the client writes, and what the service answers, byte for byte. */
export interface Exchange {
  readonly request: string;
  readonly answer: string;
  /** The service ends the connection behind its answer. */
  readonly close?: boolean;
}

export interface SameInput extends SidecarInput {
  readonly exchanges: readonly Exchange[];
}

/** What arrived at the service, and what came back. */
export interface Passed {
  readonly requests: readonly RawMessage[];
  readonly answers: readonly RawMessage[];
}

export interface BothWays {
  readonly direct: Passed;
  readonly sidecar: Passed;
}

const WITHIN_MS = 5000;

/** Sends each request to the service itself, and through the sidecar. */
async function work(input: SameInput): Promise<BothWays[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  try {
    const { world, workload } = await startSidecar(input, scratch);
    const [listener] = workload.listeners;
    const [name = ''] = listener?.upstream.addresses ?? [];
    const { port = 0 } = listener?.upstream ?? {};
    const service: Place = { address: world.hosts[name] ?? '', port, sni: name };
    const local: Place = { address: '127.0.0.1', port: listener?.port ?? 0 };
    await world.origins.get(`${name}:${port}`)?.close();
    const validity = { now: new Date(), lifetime: milliseconds(3_600_000) };
    const origin = await startRawOrigin(service, await issueLeaf(world.authority, [name], validity));
    const results: BothWays[] = [];
    for (const { request, answer, close = false } of input.exchanges) {
      origin.answerWith(answer, close);
      const pass = async (place: Place): Promise<Passed> => {
        const answers = await sendRaw(place, request, WITHIN_MS);
        return { requests: origin.take(), answers };
      };
      results.push({ direct: await pass(service), sidecar: await pass(local) });
    }
    return results;
  } catch (error) {
    throw error instanceof StageError ? error : new StageError(String((error as Error).stack));
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<SameInput, BothWays[]>(work);
