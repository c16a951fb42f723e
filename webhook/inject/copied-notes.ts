import { CAPTURE_IN } from '../edges/pod-paths.ts';
import { CONFIG_STEP_NAME } from './names.ts';
import type { PodTemplate, Volume } from './pod.ts';

/** Helm's convention: a checksum of the configuration in the template, so that a change of it brings new pods. */
const CHECKSUM = 'checksum/';

/**
 * Which folders the app no longer sees change, since it has copies of them; nothing where the pod says that a change
 * brings a new pod. Single files (`subPath`) never follow, copied or not.
 */
export function copiedNotes({ metadata, spec }: PodTemplate): string[] {
  if (Object.keys(metadata?.annotations ?? {}).some((key) => key.startsWith(CHECKSUM))) return [];
  const step = spec?.initContainers?.find(({ name }) => name === CONFIG_STEP_NAME);
  return (step?.volumeMounts ?? [])
    .filter(({ mountPath, subPath }) => mountPath.startsWith(`${CAPTURE_IN}/`) && subPath === undefined)
    .flatMap((mount) => sourceOf(spec?.volumes?.find(({ name }) => name === mount.name)) ?? [])
    .map(
      (source) =>
        `${source} is copied when the pod starts; restart the pod for the app to see a change of it`,
    );
}

/** Volumes whose files follow an object of the API server. */
function sourceOf({ configMap, secret, projected }: Partial<Volume> = {}): string | undefined {
  if (configMap) return `ConfigMap ${configMap.name}`;
  if (secret) return `Secret ${secret.secretName}`;
  return projected ? 'the projected volume' : undefined;
}
