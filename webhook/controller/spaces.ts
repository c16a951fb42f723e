import { milliseconds } from '../core/duration.ts';
import type { Context } from './context.ts';
import { reconcileConfigMap } from './owned-config-map.ts';
import { reconcilePolicy } from './owned-policy.ts';
import type { Picture } from './picture.ts';
import type { RenderedWorkload } from './rendered.ts';
import type { Outcome } from './work-queue.ts';

const NOT_YET = { againIn: milliseconds(200) } as const;

export interface SpaceTask {
  readonly context: Context;
  readonly picture: Picture;
  /** `NAMESPACE/NAME` of the release. */
  readonly release: string;
  /** Makes sure that the diversion in force is one that was in the cluster after that time; false when it cannot. */
  readonly confirm: (sinceMs: number) => Promise<boolean>;
}

/** Brings what the pods of one namespace need to where it should be, or takes it away when nobody needs it. */
export async function reconcileSpace(task: SpaceTask, namespace: string): Promise<Outcome> {
  const { picture } = task;
  const { rendered } = picture;
  if (!rendered) return 'done';
  if (!picture.synced(namespace)) return NOT_YET;
  const space = picture.namespace(namespace);
  if (!space || space.terminating) return 'done';
  if (!space.optedIn || !picture.declares(namespace)) picture.restIn(namespace);
  if (picture.isAtRest(namespace)) return 'done';
  const outcomes: Outcome[] = [];
  for (const workload of rendered.workloads) {
    outcomes.push(await reconcileWorkload(task, workload, namespace));
  }
  return soonest(outcomes);
}

async function reconcileWorkload(
  { context, picture, release, confirm }: SpaceTask,
  workload: RenderedWorkload,
  namespace: string,
): Promise<Outcome> {
  const declared = workload.workload.namespaces.includes(namespace);
  const used = picture.inUse(namespace, workload.name);
  if (!picture.knows(namespace, workload.name)) return declared || used ? NOT_YET : 'done';
  const optedIn = declared && picture.namespace(namespace)?.optedIn === true;
  // A pod is written by anybody who may: what it mounts keeps what is there, and makes nothing.
  const wish = optedIn ? 'made' : used ? 'kept' : 'gone';
  const owned = { context, picture, release, confirm, namespace, workload };
  const configMap = await reconcileConfigMap(owned, wish);
  return soonest([configMap, await reconcilePolicy(owned, wish, configMap === 'done')]);
}

function soonest(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('failed')) return 'failed';
  const waits = outcomes.flatMap((outcome) => (typeof outcome === 'object' ? [outcome.againIn] : []));
  return waits.length > 0 ? { againIn: milliseconds(Math.min(...waits)) } : 'done';
}
