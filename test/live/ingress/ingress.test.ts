import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../webhook/core/decide.ts';
import { hostOf } from '../../../webhook/core/host.ts';
import { INGRESS_KINDS } from '../../../webhook/core/ingress-settings.ts';
import { ingressObjects } from '../../../webhook/edges/ingress-objects.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { diversion, planOf } from '../ask.ts';
import type { IngressAnswer, IngressInput } from './requests.ts';
import { TABLE } from './table.ts';

const PROGRAM = path.join(import.meta.dirname, 'inside/answers.ts');
const TIMEOUT_MS = 240_000;
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

describe.each(INGRESS_KINDS)('an ingress of kind %s, on a real controller and gateway', (kind) => {
  let answers: readonly IngressAnswer[] = [];

  beforeAll(async () => {
    const objects = ingressObjects(kind, plan);
    if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
    const requests = TABLE.map(({ request }) => request);
    const input = { kind, envoy: findEnvoy(), diversion, objects: objects.value, requests };
    answers = await runInSandbox<IngressInput, IngressAnswer[]>({
      program: PROGRAM,
      input,
      timeoutMs: TIMEOUT_MS,
    });
  }, TIMEOUT_MS);

  it.each(TABLE.map((row, index) => ({ ...row, index })))('$what', ({ request, to, except, index }) => {
    const { seen, status, arrivals, failure } = answers[index] ?? {};
    const wanted = except?.[kind]?.to ?? to;
    expect({
      to: seen?.site ?? 'refused',
      arrivals,
      failure: wanted === 'refused' ? undefined : failure,
    }).toEqual({
      to: wanted,
      arrivals: wanted === 'refused' ? 0 : 1,
      failure: undefined,
    });
    if (wanted === 'refused') {
      expect(REFUSALS).toContain(status);
      return;
    }
    expect(seen).toMatchObject({ path: request.path, method: request.method ?? 'GET' });
    expect(hostOf(seen?.authority ?? '')).toBe(hostOf(request.host));
    expect(seen?.sni).toBe(plan.edges.ingress?.services[wanted]?.certificateNames[0]);
  });
});
