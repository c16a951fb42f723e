import { isObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { configDirectory, configMapPrefix } from '../edges/pod-paths.ts';
import type { Captured, CaptureFailure } from './captured.ts';
import { DIVERSION_VOLUME, isOwnName } from './names.ts';
import { type Container, normalPath, type PodSpec, type Volume } from './pod.ts';

/** Another diversion whose parts the pod holds: taking them out would undo it unseen. */
export function findOtherDiversion(spec: PodSpec, { diversion }: Plan): CaptureFailure | undefined {
  const mounted = spec.volumes?.find(({ name }) => name === DIVERSION_VOLUME)?.configMap?.name;
  if (mounted === undefined || mounted.startsWith(configMapPrefix(diversion))) return undefined;
  return { reason: 'other-diversion', detail: `it mounts ${mounted}` };
}

/** What in a pod (without anything of ours) prevents its injection. */
export function findConflict(
  spec: PodSpec,
  workload: PlannedWorkload,
  plan: Plan,
): CaptureFailure | undefined {
  return takenName(spec) ?? takenPort(spec, workload, plan);
}

function allContainers(spec: PodSpec): Container[] {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
}

function takenName(spec: PodSpec): CaptureFailure | undefined {
  const named = [...allContainers(spec), ...(spec.volumes ?? [])];
  const taken = named.find(({ name }) => isOwnName(name));
  if (taken) return { reason: 'name-taken', detail: `rename ${taken.name}` };
  for (const container of allContainers(spec)) {
    const mount = container.volumeMounts?.find(({ name }) => isOwnName(name));
    if (mount) {
      const detail = `container ${container.name} mounts ${mount.name} at ${mount.mountPath}; remove that mount`;
      return { reason: 'name-taken', detail };
    }
  }
  return undefined;
}

/** The ports that a container says it uses; an Envoy's telemetry port often shows in its probe alone. */
function portsOf({ ports, lifecycle, ...container }: Container): number[] {
  const probes = [container.livenessProbe, container.readinessProbe, container.startupProbe];
  const asked = [...probes, lifecycle?.postStart, lifecycle?.preStop].flatMap((one) =>
    one && isObject(one as unknown)
      ? [one.httpGet?.port, one.tcpSocket?.port, 'grpc' in one ? one.grpc?.port : undefined]
      : [],
  );
  return [...(ports ?? []).map(({ containerPort }) => containerPort), ...asked.map(Number)];
}

function takenPort(spec: PodSpec, workload: PlannedWorkload, plan: Plan): CaptureFailure | undefined {
  if (workload.listeners.length === 0) return undefined;
  const needed = [plan.sidecar.telemetryPort, ...workload.listeners.map(({ port }) => port)];
  for (const container of allContainers(spec)) {
    const port = portsOf(container).find((used) => needed.includes(used));
    if (port !== undefined) {
      const detail = `container ${container.name} declares port ${port}, or is asked there by a probe or hook; if it is an Envoy, declare it as the workload's ownEnvoy, else give the sidecar another port`;
      return { reason: 'port-taken', detail };
    }
  }
  return undefined;
}

/** The API server takes a volume that names no source for an emptyDir. */
function isEmptyDir({ name: _name, ...source }: Volume): boolean {
  return (
    Boolean(source.emptyDir) || Object.values(source).every((value) => value === undefined || value === null)
  );
}

/** A mount of the captured container that injection cannot work with. */
export function findUnfitMount(
  spec: PodSpec,
  container: Container,
  { originals }: Captured,
  diversion: string,
): CaptureFailure | undefined {
  const own = container.volumeMounts?.find(
    ({ mountPath }) => normalPath(mountPath) === configDirectory(diversion),
  );
  if (own) return unfit(container, `mounts ${own.name} at ${own.mountPath}, where the diversion is mounted`);
  const emptyDirs = new Set(spec.volumes?.flatMap((volume) => (isEmptyDir(volume) ? [volume.name] : [])));
  const empty = originals
    .flatMap((original) => ('mount' in original ? [original.mount] : []))
    .find(({ name }) => emptyDirs.has(name));
  if (!empty) return undefined;
  return unfit(
    container,
    `the volume at ${empty.mountPath} is an emptyDir, which the config step, being first, finds empty`,
  );
}

function unfit({ name }: Container, what: string): CaptureFailure {
  return { reason: 'mount-unsupported', detail: `container ${name}: ${what}` };
}
