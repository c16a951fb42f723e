import { isFileCapture } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { configDirectory } from '../core/pod-paths.ts';
import { capturedPaths, copyMount } from './capture-mounts.ts';
import { ANNOTATIONS, DIVERSION_VOLUME, isOwnName } from './names.ts';
import { replaceOrigins } from './origins.ts';
import type { Container, EnvVar, PodTemplate, VolumeMount } from './pod.ts';
import { type Creatable, type Original, readUndo } from './undo.ts';

/**
 * The pod without anything of ours: what injection added is gone, what it captured is as it was. A pod that carries
 * no record of an injection comes back as it is, so that nothing of a user's is ever taken for ours.
 */
export function strip<T extends PodTemplate>(pod: T, workload: PlannedWorkload): T {
  const undo = readUndo(pod.metadata?.annotations?.[ANNOTATIONS.undo]);
  if (!undo || !pod.spec) return pod;
  const created = new Set(undo.created);
  const annotations = dropKeys(pod.metadata?.annotations ?? {}, Object.values(ANNOTATIONS));
  const initContainers = pod.spec.initContainers?.filter(({ name }) => !isOwnName(name)) ?? [];
  const volumes = pod.spec.volumes?.filter(({ name }) => !isOwnName(name)) ?? [];
  const { annotations: _a, ...metadata } = pod.metadata ?? {};
  const { initContainers: _i, volumes: _v, containers, ...spec } = pod.spec;
  const kept = <T extends object>(
    name: Creatable,
    value: T,
    given: unknown,
  ): Partial<Record<Creatable, T>> =>
    given === undefined || (Object.keys(value).length === 0 && created.has(name)) ? {} : { [name]: value };
  return {
    ...pod,
    metadata: { ...metadata, ...kept('annotations', annotations, pod.metadata?.annotations) },
    spec: {
      ...spec,
      ...kept('initContainers', initContainers, pod.spec.initContainers),
      containers: containers
        .filter(({ name }) => !isOwnName(name))
        .map((container) => restore(container, undo.originals, workload)),
      ...kept('volumes', volumes, pod.spec.volumes),
    },
  };
}

function restore(container: Container, originals: readonly Original[], workload: PlannedWorkload): Container {
  const own = originals.filter((original) => original.container === container.name);
  return own.reduce((current, original) => {
    if ('mount' in original) return restoreMount(current, original.mount, workload);
    if ('env' in original) return restoreEnv(current, original, workload);
    return restoreField(current, original, workload);
  }, withoutDiversionMount(container));
}

function withoutDiversionMount(container: Container): Container {
  const mounts = container.volumeMounts?.filter(
    ({ name, mountPath }) => name !== DIVERSION_VOLUME || !mountPath.startsWith(configDirectory('')),
  );
  if (mounts === undefined || mounts.length === container.volumeMounts?.length) return container;
  return { ...container, volumeMounts: mounts };
}

function restoreMount(container: Container, original: VolumeMount, workload: PlannedWorkload): Container {
  const volumeMounts = container.volumeMounts?.map((mount) => {
    if (mount.mountPath !== original.mountPath) return mount;
    return possibleCopies(original, workload).some((copy) => sameMount(mount, copy)) ? original : mount;
  });
  return volumeMounts ? { ...container, volumeMounts } : container;
}

/** The mounts that capturing the original could have left in its place. */
function possibleCopies(original: VolumeMount, workload: PlannedWorkload): VolumeMount[] {
  return workload.captures.flatMap((capture, number) => {
    return isFileCapture(capture) ? [copyMount(original, capturedPaths(capture), number)] : [];
  });
}

function sameMount(a: VolumeMount, b: VolumeMount): boolean {
  return a.name === b.name && a.subPath === b.subPath && (a.readOnly ?? false) === (b.readOnly ?? false);
}

function restoreEnv(
  container: Container,
  original: Extract<Original, { env: string }>,
  workload: PlannedWorkload,
): Container {
  const env = container.env?.map((variable): EnvVar => {
    const captured = variable.name === original.env && isCaptureOf(variable.value, original.value, workload);
    return captured ? { ...variable, value: original.value } : variable;
  });
  return env ? { ...container, env } : container;
}

function restoreField(
  container: Container,
  original: Extract<Original, { field: string }>,
  workload: PlannedWorkload,
): Container {
  const values = container[original.field];
  if (!isCaptureOf(values?.[original.index], original.value, workload)) return container;
  return { ...container, [original.field]: values?.with(original.index, original.value) };
}

function isCaptureOf(value: string | undefined, original: string, workload: PlannedWorkload): boolean {
  return value !== undefined && replaceOrigins(original, workload.listeners).text === value;
}

function dropKeys(
  mapping: Readonly<Record<string, string>>,
  keys: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => !keys.includes(key)));
}
