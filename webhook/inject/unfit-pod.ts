import type { CaptureFailure } from './captured.ts';
import type { PodSpec, PodTemplate } from './pod.ts';
import type { SidecarForm } from './sidecar-container.ts';

/** What the API server takes for all keys and values of a pod's annotations together. */
const MAX_ANNOTATION_BYTES = 262_144;

/** A pod that cannot run with what it would be given. */
export function findUnfitPod(
  spec: PodSpec,
  form: SidecarForm,
  hasSidecar: boolean,
): CaptureFailure | undefined {
  if (spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows') {
    const detail = 'run it on Linux, or opt it out with the label shunt.wikimedia.org/inject=disabled';
    return { reason: 'os-unsupported', detail };
  }
  const { requests, limits } = spec.resources ?? {};
  if (Object.keys({ ...requests, ...limits }).length > 0) {
    const detail = 'spec.resources is set: set requests and limits at its containers instead';
    return { reason: 'pod-resources', detail };
  }
  if (hasSidecar && form === 'container' && (spec.restartPolicy ?? 'Always') !== 'Always') {
    const detail = `restartPolicy is ${spec.restartPolicy}, and sidecars that end with their pod need Kubernetes 1.29: update the cluster, or opt the pod out with the label shunt.wikimedia.org/inject=disabled`;
    return { reason: 'never-ends', detail };
  }
  return undefined;
}

/** An injected pod that the API server would refuse for the size of its annotations, without saying why. */
export function findTooLong({ metadata }: PodTemplate): CaptureFailure | undefined {
  const entries = Object.entries(metadata?.annotations ?? {});
  const bytes = entries.reduce(
    // A manifest may hold null, whatever the type says.
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value ?? '')),
    0,
  );
  if (bytes <= MAX_ANNOTATION_BYTES) return undefined;
  const detail = `the annotations would hold ${bytes} bytes, of ${MAX_ANNOTATION_BYTES} that a pod may have: put the captured values into a mounted file, and capture that`;
  return { reason: 'record-too-long', detail };
}
