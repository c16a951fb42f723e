import { StageError } from '../../../stage/stage-error.ts';
import type { IngressInput } from '../requests.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT } from './addresses.ts';
import { serveWithContour } from './contour.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { serveWithIstio } from './istio.ts';
import { logsOf } from './logs.ts';
import { send } from './send.ts';

const SERVING_WITHIN_MS = 90_000;

/** Serves the objects with a real controller and gateway, and waits until it does. */
export async function serveIngress(input: IngressInput): Promise<Environment> {
  const environment = await startEnvironment(input.diversion);
  try {
    const serve = input.kind === 'ingress' ? serveWithContour : serveWithIstio;
    await serve(environment, input);
    await waitUntilServing(environment);
    return environment;
  } catch (error) {
    await environment.api.stop();
    throw error;
  }
}

/** Every gateway must have taken its routes, or the first requests would show what is not so. */
export async function waitUntilServing({ api, plan }: Environment): Promise<void> {
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
