import { z } from 'zod';
import { ROLES } from '../core/role.ts';
import { described } from '../edges/described.ts';
import { text } from '../edges/formats.ts';

const port = z.int().min(1).max(65535);
const httpsPort = port.default(443);
const retries = z.int().min(0).max(10).default(0);
const address = text('address');
const dnsName = text('dnsName');
const duration = text('duration');
/** Where Debian, Alpine and the images of Envoy have the public CAs. */
const caFile = text('filePath').default('/etc/ssl/certs/ca-certificates.crt');
const EXAMPLE_CA = '/etc/ssl/certs/org-ca.crt';

const allowed = z.strictObject({
  method: described(text('method'), 'HTTP method, in capitals.', 'POST'),
  path: described(text('urlPath'), 'Exact path, without a query.', '/rpc/RunSingleJob.php'),
});

/** `spec.targets.*`: a role at the other environment. */
export const target = z.strictObject({
  address: described(
    address,
    'Name or IP address of the gateway of the other environment.',
    'gw.example.org',
  ),
  port: described(httpsPort, 'Port of that gateway. It must speak TLS.', 443),
  networks: described(
    z.array(text('cidr')).min(1).optional(),
    'Networks that contain the address. The NetworkPolicy of injected pods allows only these. Default: the address, if it is an IP address. The networks of a name are not known: the chart then refuses to be installed unless `networkPolicy.egress` is `never`. `0.0.0.0/0` allows every IPv4 address.',
    ['10.2.1.70/32'],
  ),
  sni: described(dnsName, 'Server name (SNI) that proxies send when they connect.', 'gw.example.org'),
  authority: described(
    z.union([z.literal('preserve'), dnsName]).default('preserve'),
    '`preserve` sends the diverted host, in canonical form (lower case, no port). A DNS name replaces it. Required to be a name for a jobrunner.',
    'preserve',
  ),
  caFile: described(caFile, 'PEM file with the trusted CAs: its path where the proxy runs.', EXAMPLE_CA),
  certificateNames: described(
    z.array(dnsName).min(1),
    'DNS names; the certificate must contain at least one of them.',
    ['gw.example.org'],
  ),
  timeout: described(
    duration,
    'Longest time until the answer is complete. Routes to a jobrunner get it; another route that exists already keeps its own limit.',
    '60s',
  ),
  retries: described(
    retries,
    'Retries of a failed request, on edges whose routes are written by this program. Must be 0 for a jobrunner. A route that exists already keeps its own policy.',
    0,
  ),
  connectTimeout: described(
    duration.default('10s'),
    'Longest time to open a connection, TLS handshake included.',
    '10s',
  ),
  idleTimeout: described(
    duration.default('4s'),
    'How long an unused connection stays open. Choose less than the other side does.',
    '4s',
  ),
  allow: described(
    z.array(allowed).min(1).optional(),
    'The only requests that are passed on; any other is refused with 403. Default: every request is passed on. Required for a jobrunner.',
    [{ method: 'POST', path: '/rpc/RunSingleJob.php' }],
  ),
});

/** `spec.upstreams.*`: a production service whose traffic may be diverted. */
export const upstream = z.strictObject({
  addresses: described(
    z.array(address).min(1),
    'Every name and IP address under which the service is called. A proxy recognises it by address and port. The injected sidecar connects to the first one.',
    ['api.example.org', '10.2.1.81'],
  ),
  port: described(httpsPort, 'Port of the service. The sidecar speaks TLS to it.', 443),
  target: described(z.enum(ROLES), 'Role of the target that replaces it.', 'web'),
  listenerPort: described(
    port.optional(),
    'Local port (127.0.0.1) of the injected sidecar for this upstream. Required if a workload with a sidecar calls it.',
    6501,
  ),
  timeout: described(
    duration,
    "Longest time until the answer is complete, in the sidecar's route. Choose more than the callers wait.",
    '60s',
  ),
  // No caller limits the handshake alone; this is as long as preq gives a whole request.
  connectTimeout: described(
    duration.default('120s'),
    'Longest time that the sidecar takes to open a connection, TLS handshake included.',
    '120s',
  ),
  idleTimeout: described(
    duration.default('4s'),
    'How long the sidecar keeps an unused connection. Choose less than the service does.',
    '4s',
  ),
  retries: described(
    retries,
    "Retries of a failed request in the sidecar's route. Must be 0 for a jobrunner.",
    0,
  ),
  xForwardedProto: described(
    z.enum(['http', 'https']).optional(),
    'What the sidecar sends as `x-forwarded-proto`. Default: the header is removed.',
    'https',
  ),
  sni: described(
    dnsName.optional(),
    'Server name (SNI) that the sidecar sends. Default: the first address.',
    'api.example.org',
  ),
  caFile: described(caFile, 'PEM file with the trusted CAs: its path in the sidecar.', EXAMPLE_CA),
  certificateNames: described(
    z.array(dnsName).min(1).optional(),
    'DNS names; the certificate must contain at least one of them. Default: the first address.',
    ['api.example.org'],
  ),
});
