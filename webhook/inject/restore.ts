import { isFileCapture } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { configDirectory } from '../edges/pod-paths.ts';
import { capturedPaths, copyMount } from './capture-mounts.ts';
import { DIVERSION_VOLUME } from './names.ts';
import { replaceOrigins } from './origins.ts';
import { type Container, normalPath, type VolumeMount } from './pod.ts';
import type { Original } from './undo.ts';

const FIELDS = ['command', 'args'] as const;

/** Originals that left the same captured value at the same place, and how many of them were put back. */
interface Alike {
  readonly originals: Original[];
  restored: number;
}

/** What stood in a container, by the place and the value that stand there now. */
type Originals = Map<string, Alike>;

/**
 * Puts back what was captured in a container, wherever capturing the original would give what stands there now. The
 * record comes from the pod, so it is indexed once, and the work grows with its length and not with its square.
 */
export function restorer(
  originals: readonly Original[],
  workload: PlannedWorkload,
): (container: Container) => Container {
  const byContainer = new Map<string, Originals>();
  for (const original of originals) {
    const known: Originals = byContainer.get(original.container) ?? new Map();
    byContainer.set(original.container, known);
    for (const key of keysOf(original, workload)) {
      const alike = known.get(key);
      if (alike) alike.originals.push(original);
      else known.set(key, { originals: [original], restored: 0 });
    }
  }
  return (container) => {
    const known = byContainer.get(container.name);
    const bare = withoutDiversionMount(container);
    return known ? restore(bare, known) : bare;
  };
}

/** By which a captured value is found again: several, where several captures could have taken it. */
function keysOf(original: Original, workload: PlannedWorkload): string[] {
  if ('mount' in original) {
    return workload.captures.flatMap((capture, number) =>
      isFileCapture(capture) ? [mountKey(copyMount(original.mount, capturedPaths(capture), number))] : [],
    );
  }
  const captured = replaceOrigins(original.value, workload.listeners).text;
  return [
    'env' in original
      ? envKey(original.env, captured)
      : fieldKey(original.field, { index: original.index, value: captured }),
  ];
}

function mountKey({ mountPath, name, subPath, readOnly }: VolumeMount): string {
  return JSON.stringify(['mount', mountPath, name, subPath, readOnly ?? false]);
}

function envKey(name: string, value: string): string {
  return JSON.stringify(['env', name, value]);
}

function fieldKey(field: (typeof FIELDS)[number], at: { index: number; value: string }): string {
  return JSON.stringify([field, at.index, at.value]);
}

function restore(container: Container, known: Originals): Container {
  const take = (key: string): Original | undefined => {
    const alike = known.get(key);
    return alike?.originals[Math.min(alike.restored++, alike.originals.length - 1)];
  };
  const restored = { ...container };
  if (container.volumeMounts) {
    restored.volumeMounts = container.volumeMounts.map((mount) => {
      const original = take(mountKey(mount));
      return original && 'mount' in original ? original.mount : mount;
    });
  }
  if (container.env) {
    restored.env = container.env.map((variable) => {
      const original = variable.value === undefined ? undefined : take(envKey(variable.name, variable.value));
      return original && 'env' in original ? { ...variable, value: original.value } : variable;
    });
  }
  for (const field of FIELDS) {
    const values = container[field];
    if (!values) continue;
    restored[field] = values.map((value, index) => {
      const original = take(fieldKey(field, { index, value }));
      return original && 'field' in original ? original.value : value;
    });
  }
  return restored;
}

/** The mount that a pod's own Envoy reads the share from. */
function withoutDiversionMount(container: Container): Container {
  const mounts = container.volumeMounts?.filter(
    ({ name, mountPath }) =>
      name !== DIVERSION_VOLUME || !normalPath(mountPath).startsWith(configDirectory('')),
  );
  if (mounts === undefined || mounts.length === container.volumeMounts?.length) return container;
  return { ...container, volumeMounts: mounts };
}
