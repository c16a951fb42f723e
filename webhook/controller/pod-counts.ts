import { IN_FORCE_STATES } from '../observe/in-force.ts';
import type { PodTask } from './pod-events.ts';
import { POD_STATES, standingOf, workloadOf } from './pod-notes.ts';
import type { PodRecord } from './records.ts';
import type { Rendered } from './rendered.ts';

/** Sets the metrics that count pods: what became of them, and what their proxies run. */
export function countPods(task: PodTask & { readonly rendered: Rendered }): void {
  const { context, cache, rendered } = task;
  const { pods } = context.metrics;
  const counts = new Map<string, number>(POD_STATES.map((state) => [state, 0]));
  startAtZero(task);
  for (const record of cache.pods()) {
    if (record.finished || !cache.namespace(record.namespace)?.optedIn) continue;
    const { state } = standingOf(record, rendered);
    counts.set(state, (counts.get(state) ?? 0) + 1);
    if (state === 'injected') countInForce(task, record);
  }
  for (const [state, count] of counts) pods.set({ state }, count);
}

/** Every series is there from the start; namespaces are the declared ones, so their number is bounded. */
function startAtZero({ context, cache, rendered }: PodTask & { readonly rendered: Rendered }): void {
  const { podsInForce } = context.metrics;
  podsInForce.reset();
  for (const { workload } of rendered.workloads)
    for (const namespace of workload.namespaces.filter((name) => cache.namespace(name)?.optedIn))
      for (const state of IN_FORCE_STATES) podsInForce.set({ namespace, workload: workload.name, state }, 0);
}

function countInForce(
  { context, proxies, rendered }: PodTask & { readonly rendered: Rendered },
  record: PodRecord,
): void {
  const own = workloadOf(record, rendered);
  if (!own) return;
  const { state } = proxies.stateOf(record, own).inForce;
  context.metrics.podsInForce.inc({ namespace: record.namespace, workload: own.workload.name, state });
}
