import { describe, expect, it } from 'vitest';
import { matchConditions } from '../../webhook/chart/cel.ts';
import { openTargets, ownedNames, workloadNamespaces } from '../../webhook/chart/owned.ts';
import { diversionPlan } from '../fixtures/diversions.ts';

function declared(
  ...workloads: { namespaces: string[]; labels: Record<string, string> }[]
): string | undefined {
  return matchConditions(workloads)[0]?.expression;
}

describe('matchConditions', () => {
  it('ask for a label only where there is one, and quote what stands in it', () => {
    expect(declared({ namespaces: ['b', 'a'], labels: { 'x/y': 'a"b\\' } })).toBe(
      '(request.namespace in ["a", "b"] && has(object.metadata.labels) && "x/y" in object.metadata.labels && object.metadata.labels["x/y"] == "a\\"b\\\\")',
    );
  });

  it('name labels once for all namespaces in which they are looked for', () => {
    const labels = { app: 'a', tier: 'b' };
    const backwards = { tier: 'b', app: 'a' };
    expect(declared({ namespaces: ['n'], labels }, { namespaces: ['m', 'n'], labels: backwards })).toBe(
      declared({ namespaces: ['m', 'n'], labels }),
    );
  });

  it('are met by every pod of a namespace whose workload has no labels', () => {
    expect(declared({ namespaces: ['n'], labels: {} })).toBe('(request.namespace in ["n"])');
  });

  it('are met by no pod where no workload is declared', () => {
    expect(declared()).toBe('false');
  });
});

describe('what the chart names', () => {
  it('is sorted, and each thing once', () => {
    const plan = diversionPlan();
    expect(ownedNames(plan)).toEqual({
      changeprop: ['shunt.testwiki.changeprop'],
      'changeprop-jobqueue': ['shunt.testwiki.jobqueue'],
      mobileapps: ['shunt.testwiki.mobileapps'],
      'rest-gateway': ['shunt.testwiki.rest-gateway'],
    });
    expect(openTargets(plan)).toEqual([]);
    expect(workloadNamespaces(plan)).toEqual([
      'changeprop',
      'changeprop-jobqueue',
      'mobileapps',
      'rest-gateway',
    ]);
  });
});
