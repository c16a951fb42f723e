import { serveSandbox } from '../../../stage/inside.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { apply } from '../../istio/api.ts';
import type { IngressAnswer, IngressRequest, Phase, PhaseAnswers, PhasesInput } from '../requests.ts';
import { GATEWAY_ADDRESS, GATEWAY_PORT, gatewayPort } from './addresses.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { serveWithIstio } from './istio.ts';
import { logsOf } from './logs.ts';
import { send } from './send.ts';

const IN_FORCE_WITHIN_MS = 90_000;
const POLL_MS = 20;
/** The threads of a proxy take a change one after the other, and the control plane may send it in parts. */
const SETTLE_MS = 1_500;

/** Serves what every phase says on one running Istio, waits until it is in force, and makes the requests one by one. */
async function work({ phases, ...input }: PhasesInput): Promise<PhaseAnswers[]> {
  const environment = await startEnvironment(input.diversion);
  try {
    const [first, ...later] = phases;
    if (!first) return [];
    await serveWithIstio(environment, { ...input, objects: first.objects, requests: [] });
    const results = [await run(environment, first)];
    for (const phase of later) {
      await apply(environment.api, phase.objects);
      results.push(await run(environment, phase));
    }
    return results;
  } finally {
    await environment.api.stop();
  }
}

async function run(environment: Environment, { until, requests }: Phase): Promise<PhaseAnswers> {
  const since = performance.now();
  for (const { request, site } of until) {
    let answer = await ask(environment, request);
    while (answer.seen?.site !== site) {
      if (performance.now() - since > IN_FORCE_WITHIN_MS)
        throw new StageError(
          `${request.host}:${request.port}${request.path}, wanted from ${site}: ${JSON.stringify(answer)}\n${await logsOf(environment.api.folder)}`,
        );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      answer = await ask(environment, request);
    }
  }
  const inForceAfterMs = performance.now() - since;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const answers: IngressAnswer[] = [];
  for (const request of requests) answers.push(await ask(environment, request));
  return { inForceAfterMs, answers };
}

async function ask({ origins }: Environment, request: IngressRequest): Promise<IngressAnswer> {
  const arrivals = (): number => origins.reduce((sum, origin) => sum + origin.arrivals.length, 0);
  const before = arrivals();
  const answer = await send(
    GATEWAY_ADDRESS,
    request.port === undefined ? GATEWAY_PORT : gatewayPort(request.port),
    request,
  );
  return { ...answer, arrivals: arrivals() - before };
}

await serveSandbox<PhasesInput, PhaseAnswers[]>(work);
