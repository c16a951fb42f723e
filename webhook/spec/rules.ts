import { parseDuration } from '../core/duration.ts';
import { isIpAddress } from '../core/host.ts';
import { checkIngressAll } from '../edges/ingress/production-rules.ts';
import { checkIngress } from '../edges/ingress/rules.ts';
import { checkKnative } from '../edges/knative/rules.ts';
import { checkGateway } from '../edges/rest-gateway/rules.ts';
import { entriesOf, itemsOf } from '../edges/rules.ts';
import { checkHosts } from './hosts.ts';
import { problem, type SpecProblem } from './issues.ts';
import { checkJobs } from './jobs.ts';
import type { LooseDocument, LooseSpec } from './loose.ts';
import { checkWorkloads } from './workloads.ts';

/** What a schema cannot say: references that dangle, things that overlap, numbers that do not fit together. */
export function checkRules({ spec }: LooseDocument): SpecProblem[] {
  if (!spec) return [];
  return [
    ...checkDurations(spec),
    ...checkHosts(spec),
    ...checkTargets(spec),
    ...checkAddresses(spec),
    ...checkNames(spec),
    ...checkListeners(spec),
    ...checkJobs(spec),
    ...checkWorkloads(spec),
    ...checkDebug(spec),
    ...checkGateway(spec),
    ...checkIngress(spec),
    ...checkKnative(spec),
    ...checkIngressAll(spec),
  ];
}

function checkTargets({ targets, upstreams }: LooseSpec): SpecProblem[] {
  return entriesOf(upstreams).flatMap(([name, { target }]) => {
    if (target === undefined || !targets || target in targets) return [];
    return problem('target-missing', ['spec', 'upstreams', name, 'target'], {
      value: target,
      message: 'names a target that is not declared',
      remedy: `declare spec.targets.${target}, or choose one of ${Object.keys(targets).join(', ')}`,
    });
  });
}

function checkAddresses({ targets, upstreams }: LooseSpec): SpecProblem[] {
  const roles = new Map(
    entriesOf(targets).map(([role, target]) => [endpoint(target.address, target.port), role]),
  );
  const owners = new Map<string, { readonly name: string; readonly target: string | undefined }>();
  return entriesOf(upstreams).flatMap(([name, { addresses, port, target }]) =>
    itemsOf(addresses).flatMap(([index, address]) => {
      const path = ['spec', 'upstreams', name, 'addresses', index];
      const key = endpoint(address, port);
      const owner = owners.get(key);
      const role = roles.get(key);
      owners.set(key, owner ?? { name, target });
      if (role !== undefined) {
        return problem('upstream-is-target', path, {
          value: address,
          message: `at port ${port} is the target ${role} itself`,
          remedy: "write the production service's own address",
        });
      }
      if (owner === undefined || owner.target === target) return [];
      return problem('upstream-ambiguous', path, {
        value: address,
        message: `at port ${port} is also ${owner.name}, which goes to ${owner.target}`,
        remedy: 'give both upstreams the same target, or take the address from one of them',
      });
    }),
  );
}

/** Names are verified, and an address is not a name. */
function checkNames({ upstreams }: LooseSpec): SpecProblem[] {
  return entriesOf(upstreams).flatMap(([name, { addresses, sni }]) => {
    const first = addresses?.[0];
    if (sni !== undefined || first === undefined || !isIpAddress(first)) return [];
    return problem('sni-missing', ['spec', 'upstreams', name, 'addresses', 0], {
      value: first,
      message: 'is an IP address, which no certificate is verified by',
      remedy: `put a name first, or set spec.upstreams.${name}.sni`,
    });
  });
}

function checkListeners({ sidecar, upstreams }: LooseSpec): SpecProblem[] {
  const owners = new Map<number | undefined, string>([[sidecar?.telemetryPort, 'the telemetry listener']]);
  return entriesOf(upstreams).flatMap(([name, { listenerPort }]) => {
    if (listenerPort === undefined) return [];
    const owner = owners.get(listenerPort);
    owners.set(listenerPort, owner ?? name);
    if (owner === undefined) return [];
    return problem('listener-overlap', ['spec', 'upstreams', name, 'listenerPort'], {
      value: listenerPort,
      message: `is already the port of ${owner}`,
      remedy: 'give each listener a port of its own',
    });
  });
}

function checkDebug({ edges, targets }: LooseSpec): SpecProblem[] {
  if (!edges?.debug || !targets || targets.debug) return [];
  return [
    problem('debug-target-missing', ['spec', 'edges', 'debug'], {
      value: edges.debug.backends,
      message: 'names debug backends, but there is no debug target',
      remedy: 'declare spec.targets.debug, or remove spec.edges.debug',
    }),
  ];
}

function checkDurations({ targets, upstreams }: LooseSpec): SpecProblem[] {
  const owners = [
    ...entriesOf(targets).map(([name, owner]) => [['spec', 'targets', name], owner] as const),
    ...entriesOf(upstreams).map(([name, owner]) => [['spec', 'upstreams', name], owner] as const),
  ];
  return owners.flatMap(([path, owner]) =>
    (['timeout', 'connectTimeout', 'idleTimeout'] as const).flatMap((key) => {
      const value = owner[key];
      if (value === undefined || parseDuration(value) !== undefined) return [];
      return problem('duration-too-long', [...path, key], {
        value,
        message: 'is longer than a year',
        remedy: 'write a shorter duration',
      });
    }),
  );
}

function endpoint(address: string | undefined, port: number | undefined): string {
  return `${address?.toLowerCase()}:${port}`;
}
