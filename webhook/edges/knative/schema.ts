import { z } from 'zod';
import { described } from '../described.ts';
import { text } from '../formats.ts';
import { type KnativeSettings, RESOLUTIONS } from './settings.ts';

const meshPort = z.strictObject({
  name: described(text('serviceName'), 'Name of the port in the ServiceEntry.', 'http-port'),
  number: described(z.int().min(1).max(65535), 'Number of the port.', 80),
});
const meshRetries = z.strictObject({
  attempts: described(z.int().min(0).max(10), 'Number of retries.', 3),
  retryOn: described(
    text('retryOn'),
    'Conditions, in the form that Istio takes.',
    'connect-failure,reset,503',
  ),
});

/** `spec.edges.knative`: what the values of the model servers' cluster have today. */
export const knativeSettings = z.strictObject({
  virtualService: described(
    text('objectName'),
    'The existing VirtualService that routes the diverted hosts to production: its name in the values.',
    'api-vs',
  ),
  upstream: described(
    z.string(),
    'Name of the upstream of those routes. Its target must preserve the authority and take every request.',
    'api',
  ),
  ports: described(
    z.array(meshPort).min(1),
    'Plain HTTP ports by which pods call the upstream, as its ServiceEntry has them. The target gets the same ports.',
    [{ name: 'http-port', number: 80 }],
  ),
  resolution: described(
    z.enum(RESOLUTIONS).default('DNS'),
    "How proxies resolve the target's name, as in a ServiceEntry.",
    'DNS',
  ),
  caFile: described(
    text('filePath'),
    "PEM file with the CAs of the target's certificate: its path where the mesh's proxies run.",
    '/etc/ssl/certs/ca-certificates.crt',
  ),
  retries: described(
    meshRetries.optional(),
    "Retries of today's routes, used when no file is given with `--in`; a route in a file keeps its own. Default: none are written.",
    { attempts: 3, retryOn: 'connect-failure,reset,503' },
  ),
  namespaces: described(
    z.record(text('labelKey'), text('labelValue')).optional(),
    "Labels of the namespaces whose pods may reach the target's `networks`, by a GlobalNetworkPolicy of Calico. Default: no policy is written.",
    { 'istio-injection': 'enabled' },
  ),
});

/** Turns checked settings into the domain's own. */
export function toKnativeSettings(document: z.output<typeof knativeSettings>): KnativeSettings {
  const { retries, namespaces, ...rest } = document;
  return { ...rest, ...(retries ? { retries } : {}), ...(namespaces ? { namespaces } : {}) };
}
