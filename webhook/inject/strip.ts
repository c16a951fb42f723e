import type { PlannedWorkload } from '../core/plan.ts';
import { ANNOTATIONS, isOwnName } from './names.ts';
import type { PodTemplate } from './pod.ts';
import { restorer } from './restore.ts';
import { type Creatable, readUndo } from './undo.ts';

/**
 * The pod without anything of ours: what injection added is gone, what it captured is as it was. A pod that carries
 * no record of an injection comes back as it is, so that nothing of a user's is ever taken for ours.
 */
export function strip<T extends PodTemplate>(pod: T, workload: PlannedWorkload): T {
  const undo = readUndo(pod.metadata?.annotations?.[ANNOTATIONS.undo]);
  if (!undo || !pod.spec) return pod;
  const created = new Set(undo.created);
  const restore = restorer(undo.originals, workload);
  const annotations = dropKeys(pod.metadata?.annotations ?? {}, Object.values(ANNOTATIONS));
  const initContainers = pod.spec.initContainers?.filter(({ name }) => !isOwnName(name)).map(restore) ?? [];
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
      containers: containers.filter(({ name }) => !isOwnName(name)).map(restore),
      ...kept('volumes', volumes, pod.spec.volumes),
    },
  };
}

function dropKeys(
  mapping: Readonly<Record<string, string>>,
  keys: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => !keys.includes(key)));
}
