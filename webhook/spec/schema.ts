import { z } from 'zod';
import { EDGES } from '../core/diversion.ts';
import { atsSettings } from '../edges/ats/schema.ts';
import { described } from '../edges/described.ts';
import { text } from '../edges/formats.ts';
import { ingressAll } from '../edges/ingress/production-schema.ts';
import { ingressSettings } from '../edges/ingress/schema.ts';
import { knativeSettings } from '../edges/knative/schema.ts';
import { gatewaySettings } from '../edges/rest-gateway/schema.ts';
import { target, upstream } from './service-schema.ts';
import { sidecar } from './sidecar-schema.ts';
import { workload } from './workload-schema.ts';

/*
 * One source for the JSON Schema, the reference, the types and the first pass of checks. What a single value cannot
 * show (references, overlaps) is checked in rules.ts; both report in the same form.
 */

const debug = z.strictObject({
  header: described(text('headerName'), 'Name of the debug header.', 'X-Debug'),
  backends: described(
    z.array(text('debugBackend')).min(1),
    'Values of the header that select the other environment.',
    ['next-debug'],
  ),
});

const edges = z.strictObject({
  debug: described(
    debug.optional(),
    'How a debug request selects the target `debug`. Default: no request does.',
    { header: 'X-Debug', backends: ['next-debug'] },
  ),
  refusedOutside: described(
    z.array(text('urlPath')).default([]),
    'Paths that traffic from outside never reaches, in any spelling (encoded, doubled slashes, more path behind them).',
    ['/rpc/RunSingleJob.php'],
  ),
  restGateway: described(
    gatewaySettings.optional(),
    'How paths at the REST gateway name a host that the Host header does not. Default: only the Host header decides there.',
  ),
  ingress: described(
    ingressSettings.optional(),
    "Settings for the objects of the other environment's ingress. Default: none are generated.",
  ),
  ingressAll: described(
    ingressAll.default({}),
    'Production services behind the ingress in topology `ingress-all`, by name. Empty: that topology cannot be chosen.',
  ),
  ats: described(atsSettings.optional(), "Settings for the CDN's last hop. Default: it is not rendered."),
  knative: described(
    knativeSettings.optional(),
    'Settings for model servers whose egress is Istio. Default: it is not rendered.',
  ),
});

const targets = z.strictObject({
  web: described(target, 'Serves web and API requests.'),
  debug: described(target.optional(), 'Serves requests with the debug header.'),
  jobrunner: described(target.optional(), 'Runs jobs.'),
});

const spec = z.strictObject({
  enabled: described(
    z.boolean().default(true),
    '`false` has the effect of share 0. Pods are still injected.',
    false,
  ),
  share: described(
    z.int().min(0).max(100).default(100),
    'Percentage of matching requests that is diverted.',
    10,
  ),
  hosts: described(
    z.array(z.string()).min(1),
    'Exact names of the diverted hosts. Letter case, a port and one trailing dot in a request do not matter; nothing else matches.',
    ['test.wikipedia.org'],
  ),
  targets: described(targets, 'Roles at the other environment.'),
  upstreams: described(
    z.record(text('name'), upstream),
    'Production services whose traffic may be diverted, by name.',
  ),
  workloads: described(
    z.record(text('name'), workload).default({}),
    'Kinds of pods that are injected, by name.',
  ),
  edges: described(
    edges.default({ refusedOutside: [], ingressAll: {} }),
    'Settings that single edges need in addition.',
  ),
  sidecar: described(sidecar, 'Images and resources of what is injected.'),
});

export const diversionSchema = z
  .strictObject({
    apiVersion: described(z.literal('shunt.wikimedia.org/v1alpha1'), 'Version of this format.'),
    kind: described(z.literal('Diversion'), 'Kind of this document.'),
    metadata: described(
      z.strictObject({
        name: described(
          text('name'),
          'Name of the diversion. Derived from it: ConfigMaps, clusters, the folder `/etc/shunt/<name>`, the runtime key `shunt.<name>.share`.',
          'testwiki',
        ),
      }),
      'Metadata of the diversion.',
    ),
    spec: described(spec, 'The diversion.'),
  })
  .describe(`One diversion of the traffic of hosts, for the edges ${EDGES.join(', ')}.`);

/** A diversion as it is written in the file, defaults filled in, references unchecked. */
export type DiversionDocument = z.output<typeof diversionSchema>;
export type TargetDocument = z.output<typeof target>;
export type UpstreamDocument = z.output<typeof upstream>;

/** The JSON Schema (draft 2020-12) of the file, for editors and the documentation. */
export function diversionJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(diversionSchema, { io: 'input' }) as Record<string, unknown>;
}
