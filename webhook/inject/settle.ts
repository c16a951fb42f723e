import { isSameImage } from './image.ts';
import { isOwnName } from './names.ts';
import { type Container, normalPath, type PodTemplate, type VolumeMount } from './pod.ts';
import { settleSecurity } from './settle-security.ts';

/** Where the API server mounts the token of the pod's service account into every container. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The kubelet mounts a file of its own at this path, so it must not hide one of ours. */
const MESSAGE_FOLDER = '/dev/';

/** A pod as injection makes it, with what the cluster decided about our containers, and what to tell about that. */
export interface Settled<T extends PodTemplate> {
  readonly pod: T;
  readonly notes: readonly string[];
}

/**
 * Keeps in our containers what a cluster decides for all containers alike: where the image comes from, when it is
 * pulled, what it may use, as whom it runs. The rest, which decides where traffic goes, stays as injection makes it.
 */
export function settle<T extends PodTemplate>(made: T, given: PodTemplate): Settled<T> {
  const { spec } = made;
  if (!spec) return { pod: made, notes: [] };
  const present = new Map(
    [...(given.spec?.containers ?? []), ...(given.spec?.initContainers ?? [])]
      .filter(({ name }) => isOwnName(name))
      .map((container) => [container.name, container]),
  );
  const notes: string[] = [];
  const settleOne = (container: Container): Container => {
    const before = isOwnName(container.name) ? present.get(container.name) : undefined;
    if (!before) return container;
    const settled = settleContainer(container, before);
    if (settled.image !== container.image)
      notes.push(`${container.name} runs ${settled.image}, which stands for the declared ${container.image}`);
    return settled;
  };
  const settledSpec = {
    ...spec,
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(settleOne) } : {}),
    containers: spec.containers.map(settleOne),
  };
  return { pod: { ...made, spec: settledSpec }, notes };
}

function settleContainer(made: Container, given: Container): Container {
  const image = given.image !== undefined && isSameImage(given.image, made.image ?? '');
  const messagePath = given.terminationMessagePath;
  return {
    ...made,
    ...(image ? { image: given.image } : {}),
    ...(given.imagePullPolicy ? { imagePullPolicy: given.imagePullPolicy } : {}),
    ...(Object.keys(given.resources ?? {}).length > 0 ? { resources: given.resources } : {}),
    ...(given.resizePolicy ? { resizePolicy: given.resizePolicy } : {}),
    ...(given.terminationMessagePolicy ? { terminationMessagePolicy: given.terminationMessagePolicy } : {}),
    ...(messagePath !== undefined && normalPath(messagePath).startsWith(MESSAGE_FOLDER)
      ? { terminationMessagePath: messagePath }
      : {}),
    securityContext: settleSecurity(made.securityContext ?? {}, given.securityContext ?? {}),
    volumeMounts: [...(made.volumeMounts ?? []), ...(given.volumeMounts ?? []).filter(isToken)],
  };
}

function isToken({ mountPath, name, readOnly }: VolumeMount): boolean {
  return normalPath(mountPath) === TOKEN_PATH && readOnly === true && !isOwnName(name);
}
