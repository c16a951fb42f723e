import { serveSandbox } from '../../../stage/inside.ts';
import { StageError } from '../../../stage/stage-error.ts';
import type { IngressAnswer, IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT } from './addresses.ts';
import { serveWithContour } from './contour.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { serveWithIstio } from './istio.ts';
import { logsOf } from './logs.ts';
import { send } from './send.ts';

const SERVING_WITHIN_MS = 90_000;

/** Serves the objects with a real controller and gateway, makes the requests one by one, and says who answered. */
async function work(input: IngressInput): Promise<IngressAnswer[]> {
  const environment = await startEnvironment(input.diversion);
  try {
    const serve = input.kind === 'ingress' ? serveWithContour : serveWithIstio;
    await serve(environment, input);
    await waitUntilServing(environment);
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

/** Every gateway must have taken its routes, or the first requests would show what is not so. */
async function waitUntilServing({ api, plan }: Environment): Promise<void> {
  const host = plan.hosts[0] ?? '';
  const job = plan.targets.find(({ allow }) => allow !== undefined);
  const wanted = [
    { sni: host, host, path: '/' },
    ...(job?.allow ?? []).map(({ method, path }) => ({
      sni: job?.sni ?? '',
      host: job?.sni ?? '',
      method,
      path,
    })),
  ];
  const deadline = performance.now() + SERVING_WITHIN_MS;
  for (const request of wanted) {
    let answer = await send(GATEWAY_ADDRESS, GATEWAY_PORT, request);
    while (answer.status !== 200) {
      if (performance.now() > deadline)
        throw new StageError(
          `${request.host}${request.path}: ${JSON.stringify(answer)}\n${await logsOf(api.folder)}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 200));
      answer = await send(GATEWAY_ADDRESS, GATEWAY_PORT, request);
    }
  }
}

await serveSandbox<IngressInput, IngressAnswer[]>(work);
