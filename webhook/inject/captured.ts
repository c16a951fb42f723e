import type { Container, VolumeMount } from './pod.ts';
import type { PodReason } from './reasons.ts';
import type { Original } from './undo.ts';

/** What a capture did to a container, and what the config step must be given for it. */
export interface Captured {
  readonly container: Container;
  readonly originals: readonly Original[];
  /** Mounts for the config step: the original files, and the volume for their copies. */
  readonly stepMounts: readonly VolumeMount[];
  /** Folders to create inside the copies, on which other volumes of the container are mounted. */
  readonly mountPoints: readonly string[];
}

export interface CaptureFailure {
  readonly reason: PodReason;
  readonly detail: string;
}
