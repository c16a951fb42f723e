import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ingressObjects } from '../../../webhook/edges/ingress/objects.ts';
import { ingressAllObjects, topologyObjects } from '../../../webhook/edges/ingress/topology-objects.ts';
import {
  type Change,
  diversionPlan,
  NOTHING_BEHIND_INGRESS,
  SWITCHED_OFF,
  withHosts,
  withShare,
} from '../../fixtures/diversions.ts';
import { golden, objectsText as text } from '../../fixtures/golden.ts';

const KINDS = ['istio', 'gateway-api'] as const;
type Kind = (typeof KINDS)[number];

function added(kind: Kind, ...changes: readonly Change[]): readonly JsonObject[] {
  const rendered = ingressAllObjects(kind, diversionPlan(...changes));
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.problems));
  return rendered.value;
}

function identity({ kind, metadata }: JsonObject): string {
  const { name, namespace } = metadata as { name: string; namespace: string };
  return `${kind} ${namespace}/${name}`;
}

const weightsIn = (objects: readonly JsonObject[]): string[] =>
  text(objects).match(/(?:weight|value): \d+$/gm) ?? [];

describe.each(KINDS)('the objects of topology ingress-all, kind %s', (kind) => {
  it('are as recorded', () => {
    const given = text(added(kind));
    expect(given).toBe(golden(`ingress-all/${kind}.yaml`, given));
  });

  it('stand behind those of edge 0, which stay as they are', () => {
    const plan = diversionPlan();
    const own = ingressObjects(kind, plan);
    expect(topologyObjects('pods', kind, plan)).toEqual(own);
    expect(topologyObjects('ingress-all', kind, plan)).toEqual({
      ok: true,
      value: [...(own.ok ? own.value : []), ...added(kind)],
    });
  });

  it('have a name of their own each', () => {
    const both = topologyObjects('ingress-all', kind, diversionPlan());
    const names = both.ok ? both.value.map(identity) : [];
    expect(new Set(names).size).toBe(names.length);
  });

  it('carry the share, which is 0 while the diversion is off', () => {
    const shares = (...changes: readonly Change[]) =>
      new Set(weightsIn(added(kind, ...changes)).map(numberIn));
    expect(shares(withShare(30))).toEqual(new Set([30, 70]));
    expect(shares(SWITCHED_OFF)).toEqual(new Set([0, 100]));
  });

  it('change in nothing but weights with the share', () => {
    const blank = (objects: readonly JsonObject[]) =>
      text(objects).replace(/((?:weight|value): )\d+$/gm, '$1');
    expect(blank(added(kind, withShare(1)))).toBe(blank(added(kind)));
  });

  it('do not depend on the order in which the file lists things', () => {
    const hosts = ['b.example.org', 'a.example.org'];
    expect(added(kind, withHosts(...hosts))).toEqual(added(kind, withHosts(...hosts.reverse())));
  });

  it('lead every host that is not diverted to production alone', () => {
    const routes = added(kind).filter((object) =>
      /^(VirtualService|HTTPRoute)$/.test(String(object['kind'])),
    );
    const others = routes.filter((object) => /mw-(api-int|jobrunner)$/.test(identity(object)));
    expect(others).toHaveLength(2);
    expect(text(others)).not.toMatch(/pretrain|weight|fault/);
  });
});

function numberIn(line: string): number {
  return Number(/\d+$/.exec(line)?.[0]);
}

describe('jobs', () => {
  it('are neither retried nor given a limit by Istio, whoever runs them', () => {
    const services = added('istio').filter((object) => object['kind'] === 'VirtualService');
    const routes = services.flatMap(({ spec }) => (spec as { http: JsonObject[] }).http);
    for (const route of routes) {
      expect(route['retries']).toEqual({ attempts: 0 });
      expect(route).not.toHaveProperty('timeout');
    }
  });
});

describe('a diversion that cannot have the topology', () => {
  it('says that nothing stands behind the ingress', () => {
    expect(topologyObjects('ingress-all', 'istio', diversionPlan(NOTHING_BEHIND_INGRESS))).toMatchObject({
      ok: false,
      problems: [{ code: 'ingress-undeclared', path: 'spec.edges.ingressAll' }],
    });
  });

  it('says that plain Ingress cannot serve it', () => {
    expect(topologyObjects('ingress-all', 'ingress', diversionPlan())).toMatchObject({
      ok: false,
      problems: [{ code: 'ingress-all-unsupported', path: 'spec.edges.ingressAll' }],
    });
  });

  it('says when the Gateway API does not hold all hosts of the job runners', () => {
    const hosts = Array.from({ length: 300 }, (_, index) => `www.example${index}.org`);
    expect(topologyObjects('ingress-all', 'gateway-api', diversionPlan(withHosts(...hosts)))).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ code: 'ingress-over-limit' })]),
    });
    expect(topologyObjects('ingress-all', 'istio', diversionPlan(withHosts(...hosts))).ok).toBe(true);
  });
});
