import type { z } from 'zod';
import { type EdgeSpec, entriesOf, itemsOf, problem, type RuleProblem } from '../rules.ts';
import type { ingressAll } from './production-schema.ts';
import type { ingressSettings } from './schema.ts';

type ProductionSpec = EdgeSpec<{
  readonly ingress?: z.output<typeof ingressSettings> | undefined;
  readonly ingressAll?: z.output<typeof ingressAll> | undefined;
}>;

/** What these rules can say. */
type ProductionCode =
  | 'ingress-all-alone'
  | 'upstream-unknown'
  | 'ingress-all-mixed'
  | 'ingress-all-port-shared';

type LooseServices = NonNullable<NonNullable<ProductionSpec['edges']>['ingressAll']>;
type LooseService = NonNullable<LooseServices[string]>;
type LooseUpstreams = NonNullable<ProductionSpec['upstreams']>;

/** Behind the ingress, the port alone says which service is called: so every service has its own, and one target. */
export function checkIngressAll(spec: ProductionSpec): RuleProblem<ProductionCode>[] {
  const services = entriesOf(spec.edges?.ingressAll);
  if (services.length === 0) return [];
  const owners = new Map<number, string>(commonPorts(spec));
  return [
    ...checkIngress(spec),
    ...services.flatMap(([name, service]) => [
      ...checkUpstreams(spec, name, service),
      ...checkPort(spec, name, service, owners),
    ]),
  ];
}

function checkIngress({ edges }: ProductionSpec): RuleProblem<ProductionCode>[] {
  if (edges?.ingress) return [];
  return [
    problem('ingress-all-alone', ['spec', 'edges', 'ingressAll'], {
      value: undefined,
      message: 'needs the Services of the other environment, which nothing declares',
      remedy: 'declare spec.edges.ingress, or remove it',
    }),
  ];
}

function checkUpstreams(
  { upstreams = {} }: ProductionSpec,
  name: string,
  service: LooseService,
): RuleProblem<ProductionCode>[] {
  const named = itemsOf(service.upstreams);
  const first = upstreamNamed(upstreams, named[0]?.[1]);
  return named.flatMap(([index, upstream]) => {
    const path = ['spec', 'edges', 'ingressAll', name, 'upstreams', index];
    const own = upstreamNamed(upstreams, upstream);
    if (!own)
      return problem('upstream-unknown', path, {
        value: upstream,
        message: 'is not a declared upstream',
        remedy: `use one of ${Object.keys(upstreams).join(', ')}`,
      });
    if (!first || (own.port === first.port && own.target === first.target)) return [];
    return problem('ingress-all-mixed', path, {
      value: upstream,
      message: `is called at port ${own.port} and goes to ${own.target}, unlike ${named[0]?.[1]} (${first.port}, ${first.target})`,
      remedy: 'declare a service of its own for it',
    });
  });
}

function checkPort(
  { upstreams = {} }: ProductionSpec,
  name: string,
  service: LooseService,
  owners: Map<number, string>,
): RuleProblem<ProductionCode>[] {
  const port = upstreamNamed(upstreams, service.upstreams?.[0])?.port;
  if (port === undefined) return [];
  const owner = owners.get(port);
  owners.set(port, owner ?? name);
  if (owner === undefined) return [];
  return [
    problem('ingress-all-port-shared', ['spec', 'edges', 'ingressAll', name, 'upstreams'], {
      value: port,
      message: `are called at the port of ${owner}, and the port alone tells services behind the ingress apart`,
      remedy: 'list upstreams of one port under one service',
    }),
  ];
}

function commonPorts({ edges }: ProductionSpec): [number, string][] {
  const { istio, gatewayApi } = edges?.ingress ?? {};
  return [istio?.port, gatewayApi?.port].flatMap((port): [number, string][] =>
    port === undefined ? [] : [[port, 'the ingress itself']],
  );
}

/** Not what every object inherits, such as `constructor`. */
function upstreamNamed(upstreams: LooseUpstreams, name: string | undefined) {
  return name !== undefined && Object.hasOwn(upstreams, name) ? upstreams[name] : undefined;
}
