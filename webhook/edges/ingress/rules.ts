import type { z } from 'zod';
import type { Role } from '../../core/role.ts';
import { type EdgeSpec, entriesOf, itemsOf, problem, type RuleProblem } from '../rules.ts';
import type { ingressSettings } from './schema.ts';

type IngressSpec = EdgeSpec<{ readonly ingress?: z.output<typeof ingressSettings> | undefined }>;

/** What these rules can say. */
type IngressCode = 'ingress-service-missing' | 'target-missing' | 'ingress-name-shared';

/** Every target has its Service, every Service its target, and every name exactly one gateway. */
export function checkIngress(spec: IngressSpec): RuleProblem<IngressCode>[] {
  const services = spec.edges?.ingress?.services;
  if (!services || !spec.targets) return [];
  return [...checkServices(spec), ...checkNames(spec)];
}

function checkServices({ edges, targets }: IngressSpec): RuleProblem<IngressCode>[] {
  const services = edges?.ingress?.services;
  const path = ['spec', 'edges', 'ingress', 'services'];
  const missing = entriesOf(targets).filter(([role]) => services?.[role as Role] === undefined);
  const idle = entriesOf(services).filter(([role]) => targets?.[role as Role] === undefined);
  return [
    ...missing.map(([role]) =>
      problem('ingress-service-missing', [...path, role], {
        value: undefined,
        message: `is required, since there is a target ${role}`,
        remedy: 'name the Service of the other environment that serves it',
      }),
    ),
    ...idle.map(([role, service]) =>
      problem('target-missing', [...path, role], {
        value: service.name,
        message: 'serves a target that is not declared',
        remedy: `declare spec.targets.${role}, or remove it`,
      }),
    ),
  ];
}

interface Claim {
  readonly name: string;
  readonly path: readonly PropertyKey[];
  /** The role whose gateway answers to the name. */
  readonly gateway: string;
}

/** A gateway is chosen by SNI, and a proxy registers each name once. */
function checkNames(spec: IngressSpec): RuleProblem<IngressCode>[] {
  const owners = new Map<string, string>();
  return claimsOf(spec).flatMap(({ name, path, gateway }) => {
    const owner = owners.get(name);
    owners.set(name, owner ?? gateway);
    if (owner === undefined || owner === gateway) return [];
    return problem('ingress-name-shared', path, {
      value: name,
      message: `is already a name of the gateway of ${owner}`,
      remedy: 'give each gateway names of its own',
    });
  });
}

function claimsOf({ edges, hosts, targets }: IngressSpec): Claim[] {
  const diverted = itemsOf(hosts).map(
    ([index, name]): Claim => ({ name: name.toLowerCase(), path: ['spec', 'hosts', index], gateway: 'web' }),
  );
  const own = entriesOf(targets).flatMap(([role, { sni, authority }]): Claim[] => {
    const gateway = authority === 'preserve' ? 'web' : role;
    const path = ['spec', 'targets', role];
    const names: [readonly PropertyKey[], string | undefined][] = [
      [[...path, 'sni'], sni],
      [[...path, 'authority'], authority === 'preserve' ? undefined : authority],
      ...itemsOf(edges?.ingress?.services?.[role as Role]?.hosts).map(
        ([index, name]): [readonly PropertyKey[], string] => [
          ['spec', 'edges', 'ingress', 'services', role, 'hosts', index],
          name,
        ],
      ),
    ];
    return names.flatMap(([at, name]) => (name ? [{ name: name.toLowerCase(), path: at, gateway }] : []));
  });
  return [...diverted, ...own];
}
