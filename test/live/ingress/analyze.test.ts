import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { TOPOLOGIES, type Topology } from '../../../webhook/edges/ingress/topology.ts';
import { topologyObjects } from '../../../webhook/edges/ingress/topology-objects.ts';
import { diversion, planOf } from '../ask.ts';
import { analyze } from '../istio/analyze.ts';

/** Both gateways have the one certificate of the environment. Clients keep connections apart by SNI, as all edges do. */
const KNOWN = ['IST0138'];

const KINDS = ['istio', 'gateway-api'] as const;

function rendered(kind: (typeof KINDS)[number], topology: Topology = 'pods'): readonly JsonObject[] {
  const objects = topologyObjects(topology, kind, planOf(diversion));
  if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
  return objects.value;
}

describe("istioctl's own analysis", () => {
  it.each(KINDS.flatMap((kind) => TOPOLOGIES.map((topology) => [kind, topology] as const)))(
    'finds nothing wrong with kind %s in topology %s',
    async (kind, topology) => {
      const messages = await analyze(rendered(kind, topology));
      expect(messages.filter(({ level }) => level === 'Error')).toEqual([]);
      expect(messages.map(({ code }) => code).filter((code) => !KNOWN.includes(code))).toEqual([]);
    },
  );

  it('would find a route whose gateway is gone', async () => {
    const messages = await analyze(rendered('istio').filter(({ kind }) => kind !== 'Gateway'));
    expect(messages).toContainEqual(expect.objectContaining({ level: 'Error', code: 'IST0101' }));
  });
});
