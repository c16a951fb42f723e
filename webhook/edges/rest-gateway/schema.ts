import { z } from 'zod';
import type { GatewaySettings } from '../../core/gateway-paths.ts';
import { checkedHost } from '../checked-host.ts';
import { described } from '../described.ts';
import { text } from '../formats.ts';

const gatewayPath = z.strictObject({
  path: described(
    text('gatewayPath'),
    'The path. `{name}` is a segment that becomes part of the host; a final `/*` allows anything behind it.',
    '/{name}/v1/*',
  ),
  host: described(text('gatewayHost'), 'The host that the path names.', '{name}'),
  insteadOfHost: described(
    z.boolean().default(false),
    "Whether the gateway makes this host the authority for every Host header, not only under the gateway's own names.",
    true,
  ),
});

/** `spec.edges.restGateway`: how paths at the REST gateway name a wiki that Host does not. */
export const gatewaySettings = z.strictObject({
  names: described(
    z.array(text('dnsName')).min(1),
    "The gateway's own names. A request to one of them, with any port, names no wiki, so its path decides.",
    ['rest-gateway.example.org'],
  ),
  paths: described(z.array(gatewayPath).min(1), 'The paths that name a host.', [
    { path: '/{name}/v1/*', host: '{name}' },
  ]),
});

/** Turns checked settings into the domain's own. */
export function toGatewaySettings({ names, paths }: z.output<typeof gatewaySettings>): GatewaySettings {
  return {
    names: names.map(checkedHost),
    paths: paths.map((own) => ({ ...own, host: own.host.toLowerCase() })),
  };
}
