import { GATEWAY_ADDRESS, GATEWAY_PORT } from '../../live/ingress/inside/addresses.ts';
import { serveIngress } from '../../live/ingress/inside/serve.ts';
import type { IngressInput } from '../../live/ingress/requests.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';
import { sendAll } from '../send.ts';

/** Runs in a sandbox: one kind of ingress on its real controller, with a stock Envoy as its gateway. */
export interface IngressConformance extends Omit<IngressInput, 'requests'> {
  /** The name in the client hello, where a form does not say. */
  readonly sni: string;
  readonly requests: readonly ConformanceRequest[];
}

async function work({ sni, requests, ...input }: IngressConformance): Promise<ConformanceAnswer[]> {
  const environment = await serveIngress({ ...input, requests: [] });
  try {
    return await sendAll({ address: GATEWAY_ADDRESS, port: GATEWAY_PORT, sni }, requests);
  } finally {
    await environment.api.stop();
  }
}

await serveSandbox<IngressConformance, ConformanceAnswer[]>(work);
