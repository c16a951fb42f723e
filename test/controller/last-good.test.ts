import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../webhook/core/json.ts';
import { DIVERSION_FILE } from '../../webhook/edges/pod-paths.ts';
import { diversionText, withShare } from '../fixtures/diversions.ts';
import { ClusterWorld, configMap, NAMESPACE, pass, RELEASE } from './cluster-world.ts';
import { refusal } from './fake-kube.ts';

const MINUTE = 60_000;
const KEPT = 'shunt-diversion-last-good';

let world: ClusterWorld;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new ClusterWorld();
  world.kube.put(configMap, { metadata: { name: KEPT, namespace: RELEASE } });
  world.label(NAMESPACE, 'enabled');
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

const kept = () =>
  (world.kube.get(configMap, KEPT, RELEASE)?.['data'] as JsonObject | undefined)?.[DIVERSION_FILE];

describe('the last good diversion', () => {
  it('is kept, also when that fails at first, and follows what is read', async () => {
    let times = 0;
    world.kube.fault = ({ method, path }) =>
      method === 'PATCH' && path.endsWith(KEPT) && times++ < 3 ? refusal(500) : undefined;
    world.divert();
    world.start();
    await pass(MINUTE);
    expect(kept()).toBe(diversionText());
    world.divert(withShare(50));
    await pass(1_000);
    expect(kept()).toBe(diversionText(withShare(50)));
    world.divertBy('garbage');
    await pass(MINUTE);
    expect(kept()).toBe(diversionText(withShare(50)));
    expect(world.kube.sent('PATCH', KEPT)).toHaveLength(5);
  });

  it('is in force in a replica that starts while the text in the cluster cannot be read', async () => {
    world.divert(withShare(50));
    world.start();
    await pass(1_000);
    world.divertBy('garbage');
    await pass(1_000);
    const { controller } = world.start();
    await pass(MINUTE);
    expect([controller.plan?.share, controller.notReady]).toEqual([50, undefined]);
    expect(world.data()?.['share']).toBe('50');
    expect(world.told('shunt-diversion').at(-1)).toMatch(/^DiversionRejected: /);
    world.divert(withShare(20));
    await pass(1_000);
    expect([controller.plan?.share, world.data()?.['share']]).toEqual([20, '20']);
  });

  it.each([
    ['nothing is kept', undefined],
    ['what is kept cannot be read either', 'garbage too'],
  ])('is none where %s, and that is why it is not ready', async (_, text) => {
    if (text !== undefined) world.kube.change(configMap, KEPT, RELEASE, { data: { [DIVERSION_FILE]: text } });
    world.divertBy('garbage');
    const { controller } = world.start();
    await pass(MINUTE);
    expect(controller.notReady).toMatch(/cannot be read, and no earlier one is kept/);
    world.divert();
    await pass(1_000);
    expect(controller.notReady).toBeUndefined();
  });

  it('is none for who may not read it, with a chart of an earlier version', async () => {
    world.kube.fault = ({ query }) => (query?.['fieldSelector']?.endsWith(KEPT) ? refusal(403) : undefined);
    world.divert();
    const { controller } = world.start();
    await pass(MINUTE);
    expect(controller.notReady).toBeUndefined();
    expect(
      world.kube.requests.filter(({ query }) => query?.['fieldSelector']?.endsWith(KEPT)).length,
    ).toBeLessThan(5);
  });
});

describe('a second release of one diversion', () => {
  it('is not ready, says so once, and is when the first is gone', async () => {
    world.divert();
    world.start();
    await pass(1_000);
    const { controller, registry } = world.start({ release: 'elsewhere/second' });
    await pass(MINUTE);
    expect(controller.notReady).toMatch(/kept by the release shunt-system\/shunt: uninstall one/);
    expect((await registry.getSingleMetric('shunt_another_release')?.get())?.values[0]?.value).toBe(1);
    expect(world.told('shunt-diversion')).toEqual([expect.stringMatching(/^AnotherRelease: Not ready: /)]);
    world.kube.change(configMap, 'shunt.testwiki.jobqueue', NAMESPACE, {
      metadata: { annotations: { 'shunt.wikimedia.org/owner': null } },
    });
    await pass(MINUTE);
    expect(controller.notReady).toBeUndefined();
  });

  it('is not what a tenant makes of the first by forging the mark in one namespace of two', async () => {
    world.divert();
    world.label('changeprop', 'enabled');
    const { controller } = world.start();
    await pass(1_000);
    world.kube.change(configMap, 'shunt.testwiki.jobqueue', NAMESPACE, {
      metadata: { annotations: { 'shunt.wikimedia.org/owner': 'elsewhere/forged' } },
    });
    await pass(MINUTE);
    expect(controller.notReady).toBeUndefined();
  });
});
