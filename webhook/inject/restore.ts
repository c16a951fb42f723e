import { isFileCapture } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { capturedPaths, copyMount } from './capture-mounts.ts';
import { replaceOrigins } from './origins.ts';
import type { Container, EnvVar, VolumeMount } from './pod.ts';
import type { Original } from './undo.ts';

/*
 * Users write the record too, so it may hold as many originals as the pod holds values: what each of them would have
 * been captured as is worked out once, and looked up.
 */

/**
 * A container with its originals put back, each only where capturing it again would give what is there now. Of several
 * for one place the first counts.
 */
export function restore(
  container: Container,
  originals: readonly Original[] | undefined,
  workload: PlannedWorkload,
): Container {
  if (originals === undefined) return container;
  const { volumeMounts, env, args, command } = container;
  const mounts = mountsByCopy(originals, workload);
  const values = valuesByCapture(originals, workload);
  return {
    ...container,
    ...(volumeMounts && mounts.size > 0
      ? { volumeMounts: volumeMounts.map((mount) => mounts.get(mountKey(mount)) ?? mount) }
      : {}),
    ...(env && values.size > 0 ? { env: env.map((variable) => restoreEnv(variable, values)) } : {}),
    ...(args && values.size > 0 ? { args: restoreField('args', args, values) } : {}),
    ...(command && values.size > 0 ? { command: restoreField('command', command, values) } : {}),
  };
}

/** Mounts by what capturing them could have left in their place. */
function mountsByCopy(
  originals: readonly Original[],
  workload: PlannedWorkload,
): ReadonlyMap<string, VolumeMount> {
  const captures = workload.captures.map((capture) =>
    isFileCapture(capture) ? capturedPaths(capture) : undefined,
  );
  const found = new Map<string, VolumeMount>();
  for (const original of originals) {
    if (!('mount' in original)) continue;
    captures.forEach((files, number) => {
      const key = files && mountKey(copyMount(original.mount, files, number));
      if (key !== undefined && !found.has(key)) found.set(key, original.mount);
    });
  }
  return found;
}

function mountKey({ mountPath, name, subPath, readOnly }: VolumeMount): string {
  return JSON.stringify([mountPath, name, subPath, readOnly ?? false]);
}

/** Values by their place and what capturing them gives. */
function valuesByCapture(
  originals: readonly Original[],
  workload: PlannedWorkload,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const original of originals) {
    if ('mount' in original) continue;
    const place = 'env' in original ? ['env', original.env] : [original.field, original.index];
    const key = JSON.stringify([...place, replaceOrigins(original.value, workload.listeners).text]);
    if (!found.has(key)) found.set(key, original.value);
  }
  return found;
}

function restoreEnv(variable: EnvVar, values: ReadonlyMap<string, string>): EnvVar {
  const value = values.get(JSON.stringify(['env', variable.name, variable.value]));
  return value === undefined ? variable : { ...variable, value };
}

function restoreField(
  field: 'args' | 'command',
  given: readonly string[],
  values: ReadonlyMap<string, string>,
): string[] {
  return given.map((value, index) => values.get(JSON.stringify([field, index, value])) ?? value);
}
