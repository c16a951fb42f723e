import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { AskProxy } from '../../webhook/controller/ask-proxy.ts';
import type { Context } from '../../webhook/controller/context.ts';
import type { Kube } from '../../webhook/controller/kube.ts';
import { createControllerMetrics } from '../../webhook/controller/metrics.ts';

/** What the controller is handed, with a log that says nothing, and the registry of its metrics. */
export function quietContext(
  kube: Kube,
  nowMs: () => number,
  replica = 'replica-0',
  askProxy: AskProxy = async () => ({ ok: false, why: 'it is not asked here' }),
): Context & { readonly registry: Registry } {
  const registry = new Registry();
  const metrics = createControllerMetrics(registry);
  return { kube, askProxy, nowMs, replica, registry, metrics, log: pino({ level: 'silent' }) };
}

/** The value of a counter with these labels. */
export async function counted(registry: Registry, name: string, labels: Record<string, string> = {}) {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
  const matching = values.filter(({ labels: own }) =>
    Object.entries(labels).every(([key, value]) => own[key] === value),
  );
  return matching.reduce((sum, { value }) => sum + value, 0);
}
