import type { JsonObject } from '../../../../webhook/core/json.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../../../conformance/request.ts';
import { sendAll } from '../../../conformance/send.ts';
import { serveSandbox } from '../../../stage/inside.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT } from '../../ingress/inside/addresses.ts';
import { startEnvironment } from '../../ingress/inside/environment.ts';
import { serveWithIstio } from '../../ingress/inside/istio.ts';
import { waitUntilServing } from '../../ingress/inside/serve.ts';
import type { IngressInput } from '../../ingress/requests.ts';
import { SYSTEM_NAMESPACE } from '../../istio/control-plane.ts';
import { hasMarker, marker } from '../../istio/marker.ts';
import { refusalsAt } from '../../istio/refusals.ts';
import { replace } from '../../istio/replace.ts';

/** Runs in a sandbox: an ingress on real Istio, asked with one set of objects after the other. */
export interface IngressVariants extends Omit<IngressInput, 'requests'> {
  /** The name in the client hello, where a form does not say. */
  readonly sni: string;
  readonly variants: readonly (readonly JsonObject[])[];
  readonly requests: readonly ConformanceRequest[];
}

const TAKEN_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 100;
/** The threads of a proxy take a change one after the other, and the control plane may send it in parts. */
const SETTLE_MS = 1_500;

/** Of each set in turn; null where it is refused. */
async function work(input: IngressVariants): Promise<(ConformanceAnswer[] | null)[]> {
  const environment = await startEnvironment(input.diversion);
  const { api } = environment;
  try {
    const adminPorts = await serveWithIstio(environment, { ...input, requests: [] });
    await waitUntilServing(environment);
    let present = input.objects;
    let generation = 0;
    const take = async (objects: readonly JsonObject[]): Promise<void> => {
      const wanted = [...objects, marker(++generation, SYSTEM_NAMESPACE)];
      const leftovers = present;
      // Should some be refused, the others are there all the same.
      present = [...present, ...wanted];
      const before = await total(adminPorts);
      await replace(api, leftovers, wanted);
      present = wanted;
      await waitUntilTaken(adminPorts, generation, before);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    };
    const answers: (ConformanceAnswer[] | null)[] = [];
    for (const objects of input.variants) {
      const isTaken = await take(objects).then(() => true, isRefusal);
      const door = { address: GATEWAY_ADDRESS, port: GATEWAY_PORT, sni: input.sni };
      answers.push(isTaken ? await sendAll(door, input.requests) : null);
    }
    return answers;
  } finally {
    await api.stop();
  }
}

function isRefusal(error: unknown): false {
  if (error instanceof StageError) return false;
  throw error;
}

async function total(adminPorts: readonly number[]): Promise<number> {
  const counts = await Promise.all(adminPorts.map(refusalsAt));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function waitUntilTaken(
  adminPorts: readonly number[],
  generation: number,
  refusalsBefore: number,
): Promise<void> {
  const deadline = performance.now() + TAKEN_WITHIN_MS;
  const isTaken = async (port: number): Promise<boolean> => {
    const dump = await fetch(`http://127.0.0.1:${port}/config_dump`);
    return hasMarker(await dump.text(), generation);
  };
  while (!(await Promise.all(adminPorts.map(isTaken))).every(Boolean)) {
    if ((await total(adminPorts)) > refusalsBefore)
      throw new StageError('a gateway refuses its configuration');
    if (performance.now() > deadline) throw new StageError('a gateway does not take its configuration');
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}

await serveSandbox<IngressVariants, (ConformanceAnswer[] | null)[]>(work);
