import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { topologyObjects } from '../../../webhook/edges/ingress/topology-objects.ts';
import { HELMS, idOf, refusal, render } from '../../chart/helm.ts';
import { type Change, diversionPlan, SWITCHED_OFF, withShare } from '../../fixtures/diversions.ts';
import { found, plain } from '../../fixtures/read.ts';

const KINDS = ['istio', 'gateway-api'] as const;

function key(object: JsonObject): string {
  return `${idOf(object)} in ${(object['metadata'] as JsonObject)['namespace']}`;
}

function sorted(objects: readonly JsonObject[]): JsonObject[] {
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

describe.each(KINDS)('topology ingress-all of the chart, kind %s', (kind) => {
  it.each<[string, string[], Change[]]>([
    ['as declared', [], []],
    ['at another share', ['share=30'], [withShare(30)]],
    ['switched off', ['enabled=false'], [SWITCHED_OFF]],
  ])('has the objects that the edge writes, %s', async (_, values, changes) => {
    const objects = topologyObjects('ingress-all', kind, diversionPlan(...changes));
    if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
    const names = new Set(objects.value.map(key));
    const set = ['topology=ingress-all', `ingress.kind=${kind}`, ...values];
    for (const helm of HELMS) {
      const rendered = (await render({ helm, set })).filter((object) => names.has(key(object)));
      expect(sorted(rendered)).toEqual(sorted(plain(objects.value)));
    }
  });
});

describe('topology ingress-all of the chart', () => {
  const set = ['topology=ingress-all', 'ingress.kind=istio'];

  it('injects only pods that call what does not stand behind it, and says so to the API server and the program', async () => {
    const objects = await render({ set });
    const { webhooks } = found(
      objects.find((object) => object['kind'] === 'MutatingWebhookConfiguration'),
    ) as unknown as {
      webhooks: { matchConditions: { expression: string }[]; namespaceSelector: JsonObject }[];
    };
    expect(webhooks[0]?.matchConditions[0]?.expression).toMatch(
      /^\(request\.namespace in \["rest-gateway"\]/,
    );
    expect(webhooks[0]?.namespaceSelector['matchExpressions']).toContainEqual({
      key: 'kubernetes.io/metadata.name',
      operator: 'In',
      values: ['rest-gateway'],
    });
    const map = found(objects.find((object) => /^ConfigMap\/.*-diversion$/.test(idOf(object))));
    const { spec } = parse((map['data'] as Record<string, string>)['diversion.yaml'] ?? '');
    expect(Object.keys(spec.workloads)).toEqual(['rest-gateway']);
  });

  it('may be installed beside what it would inject otherwise', async () => {
    expect((await render({ set, namespace: 'changeprop' })).length).toBeGreaterThan(0);
  });

  it.each([
    ['none', 'topology is ingress-all, so the ingress diverts: ingress.kind says which objects it takes'],
    ['ingress', 'topology is ingress-all, which ingress.kind ingress cannot serve'],
  ])('is refused with ingress.kind=%s', async (kind, message) => {
    const wrong = ['topology=ingress-all', `ingress.kind=${kind}`];
    for (const helm of HELMS) expect((await refusal({ helm, set: wrong })).join('\n')).toContain(message);
  });

  it('is refused when it is misspelt', async () => {
    expect((await refusal({ set: ['topology=pod'] })).join('\n')).toContain(
      "at '/topology': value must be one of 'pods', 'ingress-all'",
    );
  });
});
