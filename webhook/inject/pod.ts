import type {
  V1Container,
  V1EnvVar,
  V1Pod,
  V1PodSpec,
  V1SecurityContext,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';

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

/** The path that the kernel mounts at: absolute, without empty steps, `.` and `..`. */
export function normalPath(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}
