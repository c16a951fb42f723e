import { milliseconds } from '../core/duration.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { noteLabel, type ToldLabels } from './label-notes.ts';
import { reconcileConfigMap } from './owned-config-map.ts';
import { reconcilePolicy } from './owned-policy.ts';
import type { RenderedWorkload } from './rendered.ts';
import type { Outcome } from './work-queue.ts';

const NOT_YET = { againIn: milliseconds(200) } as const;

export interface NamespaceTask {
  readonly context: Context;
  readonly cache: ClusterCache;
  /** `NAMESPACE/NAME` of the release. */
  readonly release: string;
  readonly toldLabels: ToldLabels;
  /** Makes sure that the diversion in force is one that was in the cluster after that time; false when it cannot. */
  readonly confirm: (sinceMs: number) => Promise<boolean>;
}

/** Writes what the pods of one namespace need, or removes it when no pod needs it. */
export async function reconcileNamespace(task: NamespaceTask, namespace: string): Promise<Outcome> {
  const { cache } = task;
  const { rendered } = cache;
  if (!rendered) return 'done';
  if (!cache.synced(namespace)) return NOT_YET;
  const found = cache.namespace(namespace);
  if (!found || found.terminating) return 'done';
  if (cache.declares(namespace)) await noteLabel(task.context, task.toldLabels, namespace, found);
  if (!found.optedIn || !cache.declares(namespace)) cache.restIn(namespace);
  if (cache.isAtRest(namespace)) return 'done';
  const outcomes: Outcome[] = [];
  for (const workload of rendered.workloads) {
    outcomes.push(await reconcileWorkload(task, workload, namespace));
  }
  return soonest(outcomes);
}

async function reconcileWorkload(
  { context, cache, release, confirm }: NamespaceTask,
  workload: RenderedWorkload,
  namespace: string,
): Promise<Outcome> {
  const declared = workload.workload.namespaces.includes(namespace);
  const used = cache.inUse(namespace, workload.name);
  if (!cache.knows(namespace, workload.name)) return declared || used ? NOT_YET : 'done';
  const optedIn = declared && cache.namespace(namespace)?.optedIn === true;
  // A tenant writes pods: what a pod mounts keeps an object, and never creates one.
  const wish = optedIn ? 'made' : used ? 'kept' : 'gone';
  const owned = { context, cache, release, confirm, namespace, workload };
  const configMap = await reconcileConfigMap(owned, wish);
  return soonest([configMap, await reconcilePolicy(owned, wish, configMap === 'done')]);
}

function soonest(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('failed')) return 'failed';
  const waits = outcomes.flatMap((outcome) => (typeof outcome === 'object' ? [outcome.againIn] : []));
  return waits.length > 0 ? { againIn: milliseconds(Math.min(...waits)) } : 'done';
}
