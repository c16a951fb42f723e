import { describe, expect, it } from 'vitest';
import { egressRules, policySpec, restrictsEgress } from '../../webhook/controller/network-policy.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { findWorkload, type PlannedUpstream, type PlannedWorkload } from '../../webhook/core/plan.ts';
import { digest } from '../../webhook/edges/digest.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';

const WORKLOAD = found(findWorkload(diversionPlan(), 'jobqueue'));
const [UPSTREAM] = WORKLOAD.upstreams;

/** The workload with targets changed, one upstream for each. */
function towards(...targets: readonly object[]): PlannedWorkload {
  const { networks, ...target } = found(UPSTREAM).target;
  expect(networks).toBeDefined();
  const upstreams = targets.map(
    (change) => ({ ...UPSTREAM, target: { ...target, ...change } }) as PlannedUpstream,
  );
  return { ...WORKLOAD, upstreams };
}

const block = (cidr: string) => ({ ipBlock: { cidr } });
const ports = (port: number) => [{ port, protocol: 'TCP' }];

describe('the rules for egress', () => {
  it.each<[string, object, JsonObject]>([
    [
      'its networks, sorted',
      { networks: ['10.2.0.0/16', '10.1.0.0/16'] },
      { to: [block('10.1.0.0/16'), block('10.2.0.0/16')], ports: ports(30443) },
    ],
    ['an address', { address: '10.1.2.3' }, { to: [block('10.1.2.3/32')], ports: ports(30443) }],
    [
      'an address of version 6',
      { address: '2001:db8::1' },
      { to: [block('2001:db8::1/128')], ports: ports(30443) },
    ],
    ['any address of its port, for a name', { address: 'a.example' }, { ports: ports(30443) }],
  ])('let a target be reached at %s', (_, target, rule) => {
    expect(egressRules(towards(target))).toEqual([rule]);
  });

  it('name each target once, in an order that does not depend on that of the upstreams', () => {
    const [a, b] = [
      { address: '10.0.0.1', port: 1 },
      { address: '10.0.0.2', port: 2 },
    ];
    expect(egressRules(towards(a, b, a))).toHaveLength(2);
    expect(digest(egressRules(towards(a, b, a)))).toBe(digest(egressRules(towards(b, a))));
  });

  it('of a workload without upstreams let nothing more be reached', () => {
    expect(policySpec(towards(), egressRules(towards()))).toMatchObject({
      policyTypes: ['Egress'],
      egress: [],
    });
  });
});

describe('a policy', () => {
  it.each<[JsonObject, boolean]>([
    [{}, false],
    [{ policyTypes: ['Ingress'] }, false],
    [{ policyTypes: ['Ingress'], egress: [] }, false],
    [{ policyTypes: ['Ingress', 'Egress'] }, true],
    [{ policyTypes: ['Egress'], egress: [{}] }, true],
    [{ egress: [] }, true],
    [{ ingress: [] }, false],
    [{ policyTypes: null, egress: null }, false],
  ])('%j restricts what its pods reach: %s', (spec, restricts) => {
    expect(restrictsEgress(spec)).toBe(restricts);
  });
});
