import type { FileCapture } from '../core/diversion.ts';
import { CAPTURE_IN, CAPTURE_OUT } from '../edges/pod-paths.ts';
import type { Captured, CaptureFailure } from './captured.ts';
import { copyVolume } from './names.ts';
import { type Container, normalPath, type VolumeMount } from './pod.ts';

/**
 * Puts a memory volume in place of the mounts that hold the captured files: the folder itself, or single files in it.
 * The original mounts, as they are, go to the config step, which fills the volume.
 */
export function captureMounts(
  container: Container,
  capture: FileCapture,
  number: number,
): Captured | CaptureFailure {
  const mounts = container.volumeMounts ?? [];
  const files = capturedPaths(capture);
  const folder = normalPath(capture.path);
  const isFolder = (mount: VolumeMount): boolean => normalPath(mount.mountPath) === folder;
  const taken = mounts.filter((mount) => isFolder(mount) || files.has(normalPath(mount.mountPath)));
  if (taken.length === 0) return missing(container, capture);
  const repeated = repeatedPlace(taken);
  if (repeated) {
    const detail = `container ${container.name}: several mounts are at ${normalPath(repeated.mountPath)}; keep one of them`;
    return { reason: 'mount-unsupported', detail };
  }
  const expression = taken.find((mount) => mount.subPathExpr !== undefined);
  if (expression) {
    const detail = `container ${container.name}: the mount at ${expression.mountPath} uses subPathExpr, which only its own container can resolve`;
    return { reason: 'mount-unsupported', detail };
  }
  const source = (mount: VolumeMount): string =>
    [`${CAPTURE_IN}/${number}`, files.get(normalPath(mount.mountPath))].filter(Boolean).join('/');
  const captured = new Set(taken);
  return {
    container: {
      ...container,
      volumeMounts: mounts.map((mount) => (captured.has(mount) ? copyMount(mount, files, number) : mount)),
    },
    originals: taken.map((mount) => ({ container: container.name, mount })),
    stepMounts: [
      ...taken.map((mount) => ({ ...mount, mountPath: source(mount) })),
      { name: copyVolume(number), mountPath: `${CAPTURE_OUT}/${number}` },
    ],
    mountPoints: taken.some(isFolder)
      ? nestedFolders(mounts, capture.path).map((name) => `${number}/${name}`)
      : [],
  };
}

/** A mount at the place of an earlier one, which the API server does not see where the two are spelled differently. */
function repeatedPlace(mounts: readonly VolumeMount[]): VolumeMount | undefined {
  const places = new Set<string>();
  return mounts.find(({ mountPath }) => places.size === places.add(normalPath(mountPath)).size);
}

/** The captured files, each by the path at which the container sees it. */
export function capturedPaths({ path, files }: FileCapture): ReadonlyMap<string, string> {
  return new Map(files.map((file) => [`${normalPath(path)}/${file}`, file]));
}

/** The mount that the container has instead: same place, same access, our volume. */
export function copyMount(
  mount: VolumeMount,
  files: ReadonlyMap<string, string>,
  number: number,
): VolumeMount {
  const { subPath: _subPath, mountPropagation: _propagation, ...kept } = mount;
  const file = files.get(normalPath(mount.mountPath));
  return { ...kept, name: copyVolume(number), ...(file === undefined ? {} : { subPath: file }) };
}

/**
 * Folders under the captured one that are mounts of their own; in a read-only mount they cannot be created later.
 * A mount with a subPath may be a single file, for which a folder would be in the way.
 */
function nestedFolders(mounts: readonly VolumeMount[], path: string): string[] {
  const prefix = `${normalPath(path)}/`;
  return mounts
    .filter((mount) => mount.subPath === undefined && mount.subPathExpr === undefined)
    .map((mount) => normalPath(mount.mountPath))
    .filter((mountPath) => mountPath.startsWith(prefix))
    .map((mountPath) => mountPath.slice(prefix.length))
    .sort();
}

function missing(container: Container, capture: FileCapture): CaptureFailure {
  const paths = (container.volumeMounts ?? []).map((mount) => mount.mountPath).join(', ') || 'nothing';
  return {
    reason: 'mount-missing',
    detail: `container ${container.name}: looked for a mount at ${capture.path}, or of ${capture.files.join(', ')} in it; it mounts ${paths}`,
  };
}
