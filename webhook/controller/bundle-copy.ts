import type { Context } from './context.ts';
import { applyRequest, RESOURCES } from './resources.ts';
import type { RegistrationRecord } from './trust-records.ts';
import type { Outcome } from './work-queue.ts';

/**
 * Gives the registration for the diversion's ConfigMap the caBundle of the registration for pods, which has the same
 * name: a replica signs by what that one trusts.
 */
export async function copyBundle(
  { kube, log, metrics }: Context,
  name: string,
  pods: RegistrationRecord | undefined,
  diversion: RegistrationRecord | undefined,
): Promise<Outcome> {
  const caBundle = pods?.[0]?.caBundle;
  if (!diversion || !caBundle || diversion.every((entry) => entry.caBundle === caBundle)) return 'done';
  const { apiVersion, kind } = RESOURCES.diversionRegistration;
  const webhooks = diversion.map((entry) => ({ name: entry.name, clientConfig: { caBundle } }));
  const request = applyRequest(RESOURCES.diversionRegistration, {
    apiVersion,
    kind,
    metadata: { name },
    webhooks,
  });
  const answer = await kube.send(request);
  if (answer.ok) {
    log.info({ kind, entries: webhooks.length }, 'caBundle written');
    return 'done';
  }
  metrics.failures.inc({ kind });
  log.error({ kind, status: answer.status }, answer.message);
  return 'failed';
}
