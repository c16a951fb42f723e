import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withShare } from '../fixtures/diversions.ts';
import { ClusterWorld, configMap, NAMESPACE, pass, RELEASE } from './cluster-world.ts';
import { refusal } from './fake-kube.ts';
import { counted } from './quiet-context.ts';

const MINUTE = 60_000;

let world: ClusterWorld;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new ClusterWorld();
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

describe('the diversion', () => {
  it('makes a replica ready as soon as it is read', async () => {
    const { controller } = world.start();
    await pass(MINUTE);
    expect([typeof controller.notReady, controller.plan]).toEqual(['string', undefined]);
    world.divert();
    await pass(10);
    expect([controller.notReady, controller.plan?.share]).toEqual([undefined, 100]);
  });

  it.each([
    ['no YAML', 'a: [', /\[/],
    ['nothing', '', /cannot be read/],
    ['another thing', 'apiVersion: v1\nkind: Pod\n', /cannot be read/],
    [
      'far too much that is wrong',
      `spec: ${JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`k${n}`, n])))}`,
      /./,
    ],
  ])('that is %s changes nothing; it is told and counted once', async (_, text, message) => {
    world.label(NAMESPACE, 'enabled');
    world.divert(withShare(30));
    const replicas = [world.start(), world.start()];
    await pass(1000);
    world.divertBy(text);
    await pass(MINUTE);
    world.kube.streams.end(refusal(0));
    await pass(MINUTE);
    for (const { controller, registry } of replicas) {
      expect([controller.plan?.share, controller.notReady]).toEqual([30, undefined]);
      expect(await counted(registry, 'shunt_diversion_rejected_total')).toBe(1);
    }
    expect(world.data()).toMatchObject({ share: '30' });
    const told = world.told('shunt-diversion');
    expect(told).toEqual([expect.stringMatching(message)]);
    expect(told[0]?.length).toBeLessThanOrEqual('DiversionRejected: '.length + 1024);
    world.divert(withShare(31));
    await pass(1000);
    expect(world.data()).toMatchObject({ share: '31' });
  });

  it('that is rejected, mended back and rejected again is counted twice', async () => {
    world.divert();
    const { registry } = world.start();
    await pass(100);
    for (let time = 0; time < 2; time += 1) {
      world.divertBy('bad');
      await pass(100);
      world.divert();
      await pass(100);
    }
    expect(await counted(registry, 'shunt_diversion_rejected_total')).toBe(2);
  });

  it('that is deleted stays in force', async () => {
    world.label(NAMESPACE, 'enabled');
    world.divert();
    const { controller } = world.start();
    await pass(1000);
    world.kube.remove(configMap, 'shunt-diversion', RELEASE);
    await pass(MINUTE);
    expect([controller.notReady, world.data() !== undefined]).toEqual([undefined, true]);
  });
});

describe('the metric of pods', () => {
  it('counts them by what became of them', async () => {
    world.divert();
    world.label(NAMESPACE, 'enabled');
    world.run('a');
    world.run('b', { mounts: '' });
    world.run('c', { mounts: '', labels: { 'shunt.wikimedia.org/inject': 'disabled' } });
    world.run('d', { mounts: '', phase: 'Failed' });
    const { registry } = world.start();
    await pass(MINUTE);
    const states = ['injected', 'missing', 'skipped'].map((state) =>
      counted(registry, 'shunt_pods', { state }),
    );
    expect(await Promise.all(states)).toEqual([1, 1, 1]);
  });
});

it.each([0, 500, 5000])(
  'a controller that is stopped after %i ms leaves nothing behind that runs',
  async (ms) => {
    world.divert();
    world.label(NAMESPACE, 'enabled');
    world.kube.answerAfterMs = 20;
    const { controller } = world.start();
    await pass(ms);
    controller.stop();
    await pass(1000);
    const before = world.kube.requests.length;
    world.divert(withShare(1));
    await pass(10 * MINUTE);
    expect([world.kube.requests.length - before, world.kube.streams.current, vi.getTimerCount()]).toEqual([
      0, 0, 0,
    ]);
  },
);

it('changes whose news is late end at the same', async () => {
  world.divert();
  world.kube.streams.tellAfterMs = 700;
  world.kube.answerAfterMs = 30;
  world.label(NAMESPACE, 'enabled');
  world.start();
  world.start();
  await pass(5000);
  for (const share of [1, 2, 3]) {
    world.divert(withShare(share));
    await pass(500);
  }
  await pass(MINUTE);
  expect(world.data()).toMatchObject({ share: '3' });
  const before = world.kube.requests.length;
  await pass(10 * MINUTE);
  expect(world.writesSince(before)).toEqual([]);
});
