import type { Json, JsonObject } from '../core/json.ts';
import type { PlannedUpstream } from '../core/plan.ts';
import { at, listAt, nameOf, objectsAt } from './fields.ts';
import { type Coded, flaw } from './finding.ts';
import { objectsOf, type Scene } from './scene.ts';

interface Opening {
  readonly nets: readonly string[];
  readonly ports: readonly number[];
}

/** Policies that let pods out to a declared upstream must let them out to its target; policies of a namespace add up. */
export function examinePolicies(scene: Scene): Coded[] {
  const policies = objectsOf(scene, 'NetworkPolicy', 'GlobalNetworkPolicy').map((subject) => ({
    ...subject,
    namespace: nameOf(subject.object).namespace ?? '',
    openings: openingsOf(subject.object),
  }));
  const together = policies.flatMap(({ openings }) => openings);
  return [
    ...meshPods(scene, together),
    ...policies.flatMap(({ file, place, namespace, openings }) => {
      const together = policies
        .filter((other) => other.namespace === namespace || other.object['kind'] === 'GlobalNetworkPolicy')
        .flatMap((other) => other.openings);
      const needed = scene.plan.upstreams.filter((upstream) => isOpenTo(openings, upstream));
      const missing = needed.flatMap(({ name, target }) =>
        (target.networks ?? []).flatMap((network) =>
          together.some((opening) => admits(opening, network, target.port))
            ? []
            : [{ name, network, port: target.port }],
        ),
      );
      const closed = new Map(missing.map(({ network, port, name }) => [`${network}:${port}`, name]));
      return [...closed].map(([place_, upstream]) =>
        flaw('egress-missing', {
          file,
          path: place,
          value: place_,
          message: `lets pods out to ${upstream}, and not to where its diverted requests go`,
        }),
      );
    }),
  ];
}

/** The pods of a mesh whose values declare its policies too reach nothing that none of these opens. */
function meshPods(scene: Scene, together: readonly Opening[]): Coded[] {
  const { knative } = scene.plan.edges;
  const service = objectsOf(scene, 'VirtualService').find(({ object }) =>
    listAt(object, 'spec', 'gateways').includes('mesh'),
  );
  const hasPolicies = objectsOf(scene, 'GlobalNetworkPolicy').length > 0;
  const upstream = scene.plan.upstreams.find(({ name }) => name === knative?.upstream);
  if (!knative?.namespaces || !service || !hasPolicies || !upstream) return [];
  const { networks = [], port } = upstream.target;
  return networks
    .filter((network) => !together.some((opening) => admits(opening, network, port)))
    .map((network) =>
      flaw('egress-missing', {
        file: service.file,
        path: 'GlobalNetworkPolicies',
        value: `${network}:${port}`,
        message: 'lets no pods out to where diverted requests go',
      }),
    );
}

/** Of NetworkPolicy and of Calico's kinds alike; one of Calico's opens nothing but by an Allow for TCP. */
function openingsOf(policy: JsonObject): Opening[] {
  const rules = objectsAt(policy, 'spec', 'egress');
  if (policy['kind'] === 'NetworkPolicy') return rules.map(openingOf);
  const types = listAt(policy, 'spec', 'types');
  if (types.length > 0 && !types.includes('Egress')) return [];
  return rules
    .filter(({ action, protocol = 'TCP' }) => action === 'Allow' && (protocol === 'TCP' || protocol === 6))
    .map(openingOf);
}

function openingOf(rule: JsonObject): Opening {
  const blocks = objectsAt(rule, 'to').map((to) => at(to, 'ipBlock', 'cidr'));
  const open = objectsAt(rule, 'to').length === 0 && at(rule, 'destination') === undefined;
  const nets = open ? ['0.0.0.0/0'] : [...blocks, ...listAt(rule, 'destination', 'nets')];
  const ports: readonly Json[] = [
    ...objectsAt(rule, 'ports').map(({ port }) => port ?? null),
    ...listAt(rule, 'destination', 'ports'),
  ];
  return { nets: nets.filter((net) => typeof net === 'string'), ports: ports.map(Number) };
}

function isOpenTo(openings: readonly Opening[], { addresses, port }: PlannedUpstream): boolean {
  return openings.some((opening) =>
    addresses.some(
      (address) =>
        /^[0-9.]+$/.test(address) &&
        opening.ports.length > 0 &&
        admitsExactly(opening, `${address}/32`, port),
    ),
  );
}

function admitsExactly({ nets, ports }: Opening, network: string, port: number): boolean {
  return nets.includes(network) && ports.includes(port);
}

function admits({ nets, ports }: Opening, network: string, port: number): boolean {
  const covered = nets.some((net) => contains(net, network));
  return covered && (ports.length === 0 || ports.includes(port));
}

/** Whether one IPv4 network lies within another; other families must be spelt alike. */
function contains(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  const [a, b] = [ipv4(outer), ipv4(inner)];
  if (!a || !b || a.bits > b.bits) return false;
  const shift = 2 ** (32 - a.bits);
  return Math.floor(a.address / shift) === Math.floor(b.address / shift);
}

function ipv4(network: string): { readonly address: number; readonly bits: number } | undefined {
  const [, a, b, c, d, bits = '32'] = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(network) ?? [];
  if (a === undefined) return undefined;
  return { address: [a, b, c, d].reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits) };
}
