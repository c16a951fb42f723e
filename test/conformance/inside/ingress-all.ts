import type { JsonObject } from '../../../webhook/core/json.ts';
import { GATEWAY_ADDRESS, gatewayPort } from '../../live/ingress/inside/addresses.ts';
import { startEnvironment } from '../../live/ingress/inside/environment.ts';
import { serveWithIstio } from '../../live/ingress/inside/istio.ts';
import { logsOf } from '../../live/ingress/inside/logs.ts';
import { apply } from '../../live/istio/api.ts';
import { serveSandbox } from '../../stage/inside.ts';
import { StageError } from '../../stage/stage-error.ts';
import type { Asked } from '../driver.ts';
import type { ConformanceRequest } from '../request.ts';
import { type Door, sendAll } from '../send.ts';

/** Runs in a sandbox: an ingress in front of a production service on real Istio, without the diversion and with it. */
export interface IngressAllConformance {
  readonly kind: 'istio' | 'gateway-api';
  readonly envoy: string;
  readonly diversion: string;
  readonly untouched: readonly JsonObject[];
  /** What the diversion adds to them. */
  readonly added: readonly JsonObject[];
  /** The port under which callers know the service. */
  readonly port: number;
  /** The name in the client hello, where a form does not say. */
  readonly sni: string;
  /** One that is diverted, and who answers it without the diversion and with it. */
  readonly probe: ConformanceRequest;
  readonly sites: readonly [untouched: string, diverted: string];
  readonly requests: readonly ConformanceRequest[];
}

const IN_FORCE_WITHIN_MS = 90_000;
const POLL_MS = 50;
/** Each on a connection of its own, so that no thread of the proxy is left that has not taken a change. */
const IN_A_ROW = 40;

async function work(input: IngressAllConformance): Promise<Asked> {
  const { kind, envoy, diversion, port, sni, probe, requests } = input;
  const environment = await startEnvironment(diversion);
  const door: Door = { address: GATEWAY_ADDRESS, port: gatewayPort(port), sni };
  const ask = async (site: string) => {
    await waitFor(door, probe, site, environment.api.folder);
    return sendAll(door, requests);
  };
  try {
    await serveWithIstio(environment, { kind, envoy, diversion, objects: input.untouched, requests: [] });
    const untouched = await ask(input.sites[0]);
    await apply(environment.api, input.added);
    return { untouched, diverted: await ask(input.sites[1]) };
  } finally {
    await environment.api.stop();
  }
}

/** Until nothing but that site has answered many times one after the other. */
async function waitFor(door: Door, probe: ConformanceRequest, site: string, folder: string): Promise<void> {
  const deadline = performance.now() + IN_FORCE_WITHIN_MS;
  for (;;) {
    const answers = await sendAll(
      door,
      Array.from({ length: IN_A_ROW }, () => probe),
    );
    const other = answers.find((answer) => answer.site !== site);
    if (!other) return;
    if (performance.now() > deadline)
      throw new StageError(`wanted ${site}, got ${JSON.stringify(other)}\n${await logsOf(folder)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

await serveSandbox<IngressAllConformance, Asked>(work);
