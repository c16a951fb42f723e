import { problem, type SpecProblem } from './issues.ts';
import { entriesOf, itemsOf, type LooseSpec } from './loose.ts';

type LooseWorkload = NonNullable<NonNullable<LooseSpec['workloads']>[string]>;

/** Every upstream of a workload exists and has a listener, and no pod could be two workloads at once. */
export function checkWorkloads(spec: LooseSpec): SpecProblem[] {
  const entries = entriesOf(spec.workloads);
  return entries.flatMap(([name, workload], index) => [
    ...checkReferences(spec, name, workload),
    ...checkOrigins(spec, name, workload),
    ...entries.slice(0, index).flatMap((earlier) => checkOverlap([name, workload], earlier)),
  ]);
}

function checkReferences({ upstreams }: LooseSpec, name: string, workload: LooseWorkload): SpecProblem[] {
  const ownEnvoy = itemsOf(workload.captures).every(([, capture]) => capture.kind === 'envoy');
  return itemsOf(workload.upstreams).flatMap(([index, upstream]) => {
    const path = ['spec', 'workloads', name, 'upstreams', index];
    const declared = upstreams?.[upstream];
    if (!declared) {
      return problem('upstream-unknown', path, {
        value: upstream,
        message: 'is no declared upstream',
        remedy: `declare spec.upstreams.${upstream}, or use one of ${Object.keys(upstreams ?? {}).join(', ')}`,
      });
    }
    if (declared.listenerPort !== undefined || ownEnvoy) return [];
    return problem('listener-missing', path, {
      value: upstream,
      message: 'has no listener port, so calls cannot be led to it',
      remedy: `set spec.upstreams.${upstream}.listenerPort`,
    });
  });
}

/** An address in the app's configuration must say which listener it is led to. */
function checkOrigins({ upstreams }: LooseSpec, name: string, workload: LooseWorkload): SpecProblem[] {
  const owners = new Map<string, string>();
  return itemsOf(workload.upstreams).flatMap(([index, upstream]) => {
    const declared = upstreams?.[upstream];
    const clash = itemsOf(declared?.addresses)
      .map(([, address]) => `${address.toLowerCase()}:${declared?.port}`)
      .find((origin) => (owners.get(origin) ?? owners.set(origin, upstream).get(origin)) !== upstream);
    if (clash === undefined) return [];
    return problem('origin-ambiguous', ['spec', 'workloads', name, 'upstreams', index], {
      value: upstream,
      message: `shares ${clash} with ${owners.get(clash)}, so a captured call could go to either listener`,
      remedy: 'keep one of the two',
    });
  });
}

type Entry = [string, LooseWorkload];

function checkOverlap([name, workload]: Entry, [earlier, other]: Entry): SpecProblem[] {
  const shared = itemsOf(workload.namespaces).flatMap(([, own]) =>
    other.namespaces?.includes(own) ? [own] : [],
  );
  const apart = entriesOf(workload.labels).some(([key, value]) => (other.labels?.[key] ?? value) !== value);
  if (shared.length === 0 || apart) return [];
  return [
    problem('workload-overlap', ['spec', 'workloads', name, 'namespaces'], {
      value: shared,
      message: `a pod there could also be a ${earlier}`,
      remedy: 'tell the two apart by namespaces, or by different values of one label',
    }),
  ];
}
