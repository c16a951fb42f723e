import { serveSandbox } from '../../../stage/inside.ts';
import type { IngressAnswer, IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT } from './addresses.ts';
import type { Environment } from './environment.ts';
import { send } from './send.ts';
import { serveIngress } from './serve.ts';

/** Serves the objects with a real controller and gateway, makes the requests one by one, and says who answered. */
async function work(input: IngressInput): Promise<IngressAnswer[]> {
  const environment = await serveIngress(input);
  try {
    const answers: IngressAnswer[] = [];
    for (const request of input.requests) {
      const before = arrivals(environment);
      const answer = await send(GATEWAY_ADDRESS, GATEWAY_PORT, request);
      answers.push({ ...answer, arrivals: arrivals(environment) - before });
    }
    return answers;
  } finally {
    await environment.api.stop();
  }
}

function arrivals({ origins }: Environment): number {
  return origins.reduce((sum, origin) => sum + origin.arrivals.length, 0);
}

await serveSandbox<IngressInput, IngressAnswer[]>(work);
