import type { PlannedWorkload } from '../../../webhook/core/plan.ts';
import type { Plan } from '../../../webhook/edges/plan.ts';
import { configMapName } from '../../../webhook/edges/pod-paths.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { configsFor, readDeclared } from '../../demo/changes.ts';
import { type RunningPod, runPod } from '../../stage/pod-run.ts';
import type { Configs } from '../../stage/volumes.ts';
import { type Beyond, startWorld, type World } from '../../stage/world.ts';

/** A pod that was injected, what it mounts, and the proxy that runs in it. */
export interface SidecarInput {
  readonly pod: Pod;
  readonly workload: string;
  /** The app's container. */
  readonly container: string;
  /** Text of the app's configuration. */
  readonly config: string;
  /** Text of the diversion. */
  readonly diversion: string;
  readonly envoy: string;
  /** What stands in place of these files of the proxy. */
  readonly files?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
  /** Whether the ConfigMap of the declared bundle of authorities is there. */
  readonly bundle?: boolean;
}

export interface RunningSidecar {
  readonly plan: Plan;
  readonly workload: PlannedWorkload;
  readonly world: World;
  readonly pod: RunningPod;
  readonly configs: Configs;
  /** From the start of the pod until its app had been started. */
  readonly startMs: number;
}

/** Runs the pod with its sidecar among origins; `prepare` is done when these stand and the pod does not yet. */
export async function startSidecar(
  input: SidecarInput,
  scratch: string,
  beyond: Beyond = {},
  prepare: (world: World) => Promise<void> = async () => undefined,
): Promise<RunningSidecar> {
  const { plan, workload } = readDeclared(input.diversion, input.workload);
  const world = await startWorld(plan, scratch, beyond);
  await prepare(world);
  const written = configsFor(input, {}, input.diversion);
  const { caBundle } = plan.sidecar;
  const bundle: Configs =
    caBundle && input.bundle ? { [caBundle.configMap]: { [caBundle.key]: world.authority.cert } } : {};
  const own = configMapName(plan.diversion, workload.name);
  const configs = { ...written, [own]: { ...written[own], ...input.files }, ...bundle };
  const start = performance.now();
  const pod = await runPod(input.pod, configs, {
    isApp: ({ name }) => name === input.container,
    envoy: input.envoy,
    mounts: world.mounts,
    scratch,
    ...(input.readyWithinMs === undefined ? {} : { readyWithinMs: input.readyWithinMs }),
  });
  return { plan, workload, world, pod, configs, startMs: performance.now() - start };
}
