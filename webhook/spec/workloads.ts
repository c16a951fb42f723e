import { trimEnd } from '../core/trim.ts';
import { entriesOf, itemsOf } from '../edges/rules.ts';
import { problem, type SpecProblem } from './issues.ts';
import type { LooseSpec } from './loose.ts';

type LooseUpstream = NonNullable<NonNullable<LooseSpec['upstreams']>[string]>;
type LooseWorkload = NonNullable<NonNullable<LooseSpec['workloads']>[string]>;

/** Every upstream of a workload exists and has a listener, and no pod could be two workloads at once. */
export function checkWorkloads(spec: LooseSpec): SpecProblem[] {
  const entries = entriesOf(spec.workloads);
  return entries.flatMap(([name, workload], index) => [
    ...checkReferences(spec, name, workload),
    ...checkOrigins(spec, name, workload),
    ...checkRepeats(name, workload),
    ...entries.slice(0, index).flatMap((earlier) => checkOverlap([name, workload], earlier)),
  ]);
}

function checkReferences({ upstreams }: LooseSpec, name: string, workload: LooseWorkload): SpecProblem[] {
  const ownEnvoy = itemsOf(workload.captures).every(([, capture]) => capture.kind === 'envoy');
  return itemsOf(workload.upstreams).flatMap(([index, upstream]) => {
    const path = ['spec', 'workloads', name, 'upstreams', index];
    const declared = ownEntry(upstreams, upstream);
    if (!declared) {
      return problem('upstream-unknown', path, {
        value: upstream,
        message: 'is not a declared upstream',
        remedy: `declare spec.upstreams.${upstream}, or use one of ${Object.keys(upstreams ?? {}).join(', ')}`,
      });
    }
    if (declared.listenerPort !== undefined || ownEnvoy) return [];
    return problem('listener-missing', path, {
      value: upstream,
      message: 'has no listener port, so the sidecar cannot take calls for it',
      remedy: `set spec.upstreams.${upstream}.listenerPort`,
    });
  });
}

/** An upstream or a captured file that stands there twice would be led, or copied, twice. */
function checkRepeats(name: string, workload: LooseWorkload): SpecProblem[] {
  const path = ['spec', 'workloads', name];
  const mounted = itemsOf(workload.captures).flatMap(([index, capture]) =>
    'path' in capture && capture.path !== undefined
      ? [
          {
            folder: trimEnd(capture.path, '/'),
            files: capture.files,
            path: [...path, 'captures', index],
          },
        ]
      : [],
  );
  const folders = mounted.map((capture) => ({ value: capture.folder, path: [...capture.path, 'path'] }));
  const files = mounted.flatMap((capture) =>
    itemsOf(capture.files).map(([at, file]) => ({
      value: `${capture.folder}/${file}`,
      path: [...capture.path, 'files', at],
    })),
  );
  const upstreams = itemsOf(workload.upstreams).map(([index, value]) => ({
    value,
    path: [...path, 'upstreams', index],
  }));
  return [files, folders, upstreams].flatMap((entries) =>
    entries
      .filter(({ value }, index) => entries.findIndex((other) => other.value === value) < index)
      .map((repeat) =>
        problem('repeated', repeat.path, {
          value: repeat.value,
          message: 'stands there twice',
          remedy: 'remove one of the two, or put the files of one folder into one capture',
        }),
      ),
  );
}

/** An address in the app's configuration must say to which listener it is routed. */
function checkOrigins({ upstreams }: LooseSpec, name: string, workload: LooseWorkload): SpecProblem[] {
  const owners = new Map<string, string>();
  return itemsOf(workload.upstreams).flatMap(([index, upstream]) => {
    const declared = ownEntry(upstreams, upstream);
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

/** Not what every object inherits, such as `constructor`. */
function ownEntry(upstreams: LooseSpec['upstreams'], name: string): LooseUpstream | undefined {
  return upstreams && Object.hasOwn(upstreams, name) ? upstreams[name] : undefined;
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
