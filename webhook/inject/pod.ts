import type {
  V1Container,
  V1EnvVar,
  V1Pod,
  V1PodSpec,
  V1SecurityContext,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { trimEnd } from '../core/trim.ts';

/*
 * The Kubernetes client's own types, by the names that this room uses. Pods are treated as immutable:
 * whatever a function does not change, its result shares with its argument, which makes a patch cheap to find.
 */
export type Pod = V1Pod;
export type PodSpec = V1PodSpec;
export type Container = V1Container;
export type EnvVar = V1EnvVar;
export type SecurityContext = V1SecurityContext;
export type Volume = V1Volume;
export type VolumeMount = V1VolumeMount;

/** The part of a workload object that describes its pods. */
export type PodTemplate = Pick<Pod, 'metadata' | 'spec'>;

/** The same mount path however many slashes end it. */
export function normalPath(path: string): string {
  return trimEnd(path, '/') || '/';
}
