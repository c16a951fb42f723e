import { z } from 'zod';
import type { GatewaySettings } from '../core/gateway-paths.ts';
import { text } from './formats.ts';
import { checkedHost } from './hosts.ts';

/** `spec.edges.restGateway`: how paths at the REST gateway name a wiki that Host does not. */
export const gatewaySettings = z.strictObject({
  names: z.array(text('dnsName')).min(1),
  paths: z
    .array(
      z.strictObject({
        path: text('gatewayPath'),
        host: text('gatewayHost'),
        insteadOfHost: z.boolean().default(false),
      }),
    )
    .min(1),
});

/** Turns checked settings into the domain's own. */
export function toGatewaySettings({ names, paths }: z.output<typeof gatewaySettings>): GatewaySettings {
  return {
    names: names.map(checkedHost),
    paths: paths.map((own) => ({ ...own, host: own.host.toLowerCase() })),
  };
}
