import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ingressObjects } from '../../../webhook/edges/ingress-objects.ts';
import { diversion, planOf } from '../ask.ts';
import { analyze } from '../istio/analyze.ts';

/** Both gateways have the one certificate of the environment. Clients keep connections apart by SNI, as all edges do. */
const KNOWN = ['IST0138'];

function rendered(kind: 'istio' | 'gateway-api'): readonly JsonObject[] {
  const objects = ingressObjects(kind, planOf(diversion));
  if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
  return objects.value;
}

describe("istioctl's own analysis", () => {
  it.each(['istio', 'gateway-api'] as const)('finds nothing wrong with kind %s', async (kind) => {
    const messages = await analyze(rendered(kind));
    expect(messages.filter(({ level }) => level === 'Error')).toEqual([]);
    expect(messages.map(({ code }) => code).filter((code) => !KNOWN.includes(code))).toEqual([]);
  });

  it('would find a route whose gateway is gone', async () => {
    const messages = await analyze(rendered('istio').filter(({ kind }) => kind !== 'Gateway'));
    expect(messages).toContainEqual(expect.objectContaining({ level: 'Error', code: 'IST0101' }));
  });
});
