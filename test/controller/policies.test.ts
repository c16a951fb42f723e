import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NetworkPolicyMode } from '../../webhook/controller/network-policy.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { ClusterWorld, NAMESPACE, networkPolicy, OWN, pass } from './cluster-world.ts';
import { counted } from './quiet-context.ts';

let world: ClusterWorld;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new ClusterWorld();
  world.divert();
  world.label(NAMESPACE, 'enabled');
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

async function start(policyMode: NetworkPolicyMode) {
  const replica = world.start({ policyMode });
  await pass(1000);
  return replica;
}

const EGRESS: JsonObject = { policyTypes: ['Egress'], egress: [] };

function restrict(podSelector: JsonObject, spec: JsonObject = EGRESS): void {
  world.kube.put(networkPolicy, {
    metadata: { name: 'theirs', namespace: NAMESPACE },
    spec: { podSelector, ...spec },
  });
}

const own = () => world.kube.get(networkPolicy, OWN, NAMESPACE)?.['spec'] as JsonObject | undefined;

const RULES = {
  podSelector: { matchLabels: { app: 'changeprop' } },
  policyTypes: ['Egress'],
  egress: [
    {
      to: [{ ipBlock: { cidr: '10.2.1.70/32' } }, { ipBlock: { cidr: '10.2.2.70/32' } }],
      ports: [{ port: 30443, protocol: 'TCP' }],
    },
  ],
};

describe('the policy of a workload', () => {
  it('always: is there with the label, names the target alone, and goes with the label', async () => {
    await start('always');
    expect(own()).toEqual(RULES);
    world.label(NAMESPACE, undefined);
    await pass(1000);
    expect(own()).toBeUndefined();
  });

  it('never: is not even looked for', async () => {
    await start('never');
    restrict({});
    await pass(1000);
    expect(own()).toBeUndefined();
    expect(world.kube.requests.filter(({ path }) => path.includes('networkpolicies'))).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['all pods', {}, EGRESS, true],
    ['its pods', { matchLabels: { app: 'changeprop' } }, EGRESS, true],
    ['its pods, by rules alone', {}, { egress: [] }, true],
    ['other pods', { matchLabels: { app: 'other' } }, EGRESS, false],
    ['what comes in', {}, { policyTypes: ['Ingress'], ingress: [] }, false],
    ['what comes in, by default', {}, { ingress: [] }, false],
  ])('auto: with a policy of others that restricts %s', async (_, selector, spec, wanted) => {
    restrict(selector, spec);
    await start('auto');
    expect(own() !== undefined).toBe(wanted);
    world.kube.remove(networkPolicy, 'theirs', NAMESPACE);
    await pass(1000);
    expect(own()).toBeUndefined();
  });

  it('auto: is not there as long as it would take something from one of the pods', async () => {
    restrict({ matchLabels: { tier: 'a' } });
    world.run('a', { labels: { tier: 'a' } });
    await start('auto');
    expect(own()).toEqual(RULES);
    world.run('b', { labels: { tier: 'b' } });
    await pass(1000);
    expect(own()).toBeUndefined();
  });

  it('follows a target that moves, which is no repair', async () => {
    const { registry } = await start('always');
    world.divert([
      `certificateNames: [mw-pretrain-jobrunner.discovery.wmnet]
      networks: [10.2.1.70/32, 10.2.2.70/32]`,
      `certificateNames: [mw-pretrain-jobrunner.discovery.wmnet]
      networks: [10.9.9.9/32]`,
    ]);
    await pass(1000);
    expect(own()).toMatchObject({ egress: [{ to: [{ ipBlock: { cidr: '10.9.9.9/32' } }] }] });
    expect(await counted(registry, 'shunt_repairs_total')).toBe(0);
    expect(world.told(OWN)).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ['opens it', { spec: { egress: [{}] } }],
    ['closes it', { spec: { egress: [] } }],
    ['gives it other pods', { spec: { podSelector: { matchLabels: { app: 'other' } } } }],
    ['makes it restrict what comes in', { spec: { policyTypes: ['Egress', 'Ingress'], ingress: [] } }],
  ])('is put right once when somebody %s, and is at rest then', async (_, patch) => {
    const { registry } = await start('always');
    world.kube.change(networkPolicy, OWN, NAMESPACE, patch);
    await pass(1000);
    expect(own()).toEqual(RULES);
    expect(world.told(OWN)).toHaveLength(1);
    expect(await counted(registry, 'shunt_repairs_total', { kind: 'NetworkPolicy' })).toBe(1);
    const before = world.kube.requests.length;
    for (const value of ['a', 'b']) world.run('p', { labels: { changed: value } });
    await pass(60_000);
    expect(world.writesSince(before).filter((write) => write.includes('networkpolicies'))).toEqual([]);
  });

  it('is there again when somebody deletes it', async () => {
    await start('always');
    world.kube.remove(networkPolicy, OWN, NAMESPACE);
    await pass(10);
    expect(own()).toEqual(RULES);
  });
});
