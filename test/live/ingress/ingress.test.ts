import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../webhook/core/decide.ts';
import { hostOf } from '../../../webhook/core/host.ts';
import type { Role } from '../../../webhook/core/role.ts';
import { ingressObjects } from '../../../webhook/edges/ingress/objects.ts';
import { INGRESS_KINDS, type IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import { diversion, planOf } from '../ask.ts';
import { ASK_TIMEOUT_MS, askIngress } from './ask.ts';
import type { IngressAnswer, IngressRequest } from './requests.ts';
import { TABLE } from './table.ts';

/** Refusals of the gateways, and of Envoy for what is no valid request or belongs to another connection. */
const REFUSALS = [400, 404, 421, 500, undefined];

const plan = planOf(diversion);

describe('the decision at the ingress', () => {
  it.each(TABLE.filter(({ bySni }) => !bySni))('is that of the table: $what', ({ request, to }) => {
    const { host, method = 'GET', headers = {} } = request;
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const at = request.path.replace(/^http:\/\/[^/]*/, '');
    const decision = decide(plan, { edge: 'ingress', method, authority: host, path: at, headers: lower });
    // There is no production behind the ingress: what is none of its business is refused.
    expect(decision.to === 'production' ? 'refused' : decision.to).toBe(to);
  });
});

const answered = new Map<IngressKind, readonly IngressAnswer[]>();

// Each kind has a controller and a network of its own, and mostly waits.
beforeAll(async () => {
  const requests = TABLE.map(({ request }) => request);
  await Promise.all(
    INGRESS_KINDS.map(async (kind) => {
      const objects = ingressObjects(kind, plan);
      if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
      answered.set(kind, await askIngress(kind, objects.value, requests));
    }),
  );
}, ASK_TIMEOUT_MS);

describe.each(INGRESS_KINDS)('an ingress of kind %s, on a real controller and gateway', (kind) => {
  const answers = (): readonly IngressAnswer[] => answered.get(kind) ?? [];

  it.each(TABLE.map((row, index) => ({ ...row, index })))(
    '$what',
    ({ request, to, broken, except, index }) => {
      const answer = answers()[index] ?? {};
      const wanted = except?.[kind]?.to ?? to;
      if (wanted === 'refused') expectRefused(answer);
      else if (broken) expect(answer).toEqual({ status: expect.any(Number), arrivals: 1 });
      else expectServed(answer, request, wanted);
    },
  );
});

function expectRefused({ arrivals, status }: IngressAnswer): void {
  expect(arrivals).toBe(0);
  expect(REFUSALS).toContain(status);
}

function expectServed({ arrivals, seen, failure }: IngressAnswer, request: IngressRequest, role: Role): void {
  const { path, method = 'GET', host } = request;
  expect({ failure, arrivals, site: seen?.site, path: seen?.path, method: seen?.method }).toEqual({
    failure: undefined,
    arrivals: 1,
    site: role,
    path,
    method,
  });
  expect(hostOf(seen?.authority ?? '')).toBe(hostOf(host));
  expect(seen?.sni).toBe(plan.edges.ingress?.services[role]?.certificateNames[0]);
}
