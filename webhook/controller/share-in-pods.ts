import type { Plan } from '../edges/plan.ts';
import { configMapPrefix } from '../edges/pod-paths.ts';
import { ANNOTATIONS } from '../inject/names.ts';
import type { Kube, KubeFailure } from './kube.ts';
import { listAll } from './list-all.ts';
import { type PodRecord, podRecord } from './records.ts';
import { RESOURCES } from './resources.ts';

/** Which share the proxies of injected pods run, by what the controller saw of them last. */
export interface ShareInPods {
  /** Run the share that is asked for. */
  readonly turned: number;
  /** `namespace/name` of pods whose proxy runs another share, or has not been asked yet. */
  readonly waiting: readonly string[];
  /** `namespace/name` of pods whose proxy refused an update. */
  readonly rejected: readonly string[];
  /** `namespace/name` of pods with an Envoy of their own, which nothing of ours can ask. */
  readonly unknown: readonly string[];
}

/** Looks at the pods in the namespaces of the diversion's workloads. */
export async function shareInPods(kube: Kube, plan: Plan, share: number): Promise<ShareInPods | KubeFailure> {
  const prefix = configMapPrefix(plan.diversion);
  const namespaces = new Set(plan.workloads.flatMap((workload) => workload.namespaces));
  const pods: PodRecord[] = [];
  for (const namespace of namespaces) {
    const answer = await listAll(kube, RESOURCES.pod, { namespace });
    if (!answer.ok) return answer;
    const records = answer.items.map(podRecord);
    pods.push(
      ...records.filter(
        ({ mounts, finished }) => !finished && mounts.some((name) => name.startsWith(prefix)),
      ),
    );
  }
  const states = Map.groupBy(pods, (pod) => stateOf(pod, share));
  const names = (state: State): string[] =>
    (states.get(state) ?? []).map(({ namespace, name }) => `${namespace}/${name}`);
  return {
    turned: states.get('turned')?.length ?? 0,
    waiting: names('waiting'),
    rejected: names('rejected'),
    unknown: names('unknown'),
  };
}

type State = 'turned' | 'waiting' | 'rejected' | 'unknown';

function stateOf({ hasSidecar, said }: PodRecord, share: number): State {
  if (!hasSidecar) return 'unknown';
  if (said[ANNOTATIONS.share] === String(share)) return 'turned';
  return said[ANNOTATIONS.rejected] === undefined ? 'waiting' : 'rejected';
}
