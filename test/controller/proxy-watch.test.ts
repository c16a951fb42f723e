import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import { withShare } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';
import { ClusterWorld, NAMESPACE, OWN, pass, pod } from './cluster-world.ts';
import { metaOf } from './fake-place.ts';
import type { Data } from './fake-proxies.ts';
import { counted } from './quiet-context.ts';

const MINUTE = 60_000;

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

const said = (name: string) => metaOf(found(world.kube.get(pod, name, NAMESPACE)))['annotations'] as Data;

async function inForce(replica: ReturnType<ClusterWorld['start']>) {
  await pass(11_000);
  const labels = { namespace: NAMESPACE, workload: 'jobqueue' };
  const states = ['in-force', 'behind', 'rejected', 'unknown'];
  const counts = states.map((state) =>
    counted(replica.registry, 'shunt_pods_in_force', { ...labels, state }),
  );
  return Object.fromEntries((await Promise.all(counts)).map((count, index) => [states[index], count]));
}

/** A pod that runs what is written, and a replica that has seen it. */
async function settled(name = 'p') {
  const replica = world.start();
  world.run(name);
  await pass(5_000);
  return { replica, before: { data: world.data() as Data } };
}

describe('a pod whose proxy', () => {
  it('runs what is written is said to divert, with revision and share', async () => {
    const { replica } = await settled();
    expect(world.told('p').at(-1)).toMatch(/^Diverting: Diverting 100 %/);
    expect(said('p')).toMatchObject({ [ANNOTATIONS.share]: '100' });
    expect(await inForce(replica)).toEqual({ 'in-force': 1, behind: 0, rejected: 0, unknown: 0 });
  });

  it('has not taken a share is not said to divert it, until it has', async () => {
    const { replica, before } = await settled();
    world.proxies.others.set('p', before);
    const { [ANNOTATIONS.revision]: first } = said('p');
    world.divert(withShare(50));
    expect(await inForce(replica)).toEqual({ 'in-force': 0, behind: 1, rejected: 0, unknown: 0 });
    expect(world.data()?.['share']).toBe('50');
    expect(world.told('p')).toHaveLength(1);
    expect(said('p')).toMatchObject({ [ANNOTATIONS.revision]: first, [ANNOTATIONS.share]: '100' });
    world.proxies.others.clear();
    await pass(MINUTE);
    expect(world.told('p').at(-1)).toMatch(/^Diverting: Diverting 50 %/);
    expect(said('p')[ANNOTATIONS.share]).toBe('50');
    expect(said('p')[ANNOTATIONS.revision]).not.toBe(first);
  });

  it('refuses an update is said to have done so, once, and to run the share of before', async () => {
    const { replica, before } = await settled();
    world.proxies.others.set('p', { ...before, refused: { 'rds.mw-jobrunner.yaml': 1 } });
    world.divert(withShare(50));
    expect(await inForce(replica)).toEqual({ 'in-force': 0, behind: 0, rejected: 1, unknown: 0 });
    expect(world.told('p').slice(1)).toEqual([
      expect.stringMatching(/^Rejected: .*\(rds\.mw-jobrunner\.yaml\) and goes on .*, 100 %/),
    ]);
    expect(said('p')).toMatchObject({
      [ANNOTATIONS.share]: '100',
      [ANNOTATIONS.rejected]: expect.stringMatching(/^[0-9a-f]{12}: rds\.mw-jobrunner\.yaml$/),
    });
    world.proxies.others.clear();
    await pass(MINUTE);
    expect(world.told('p').at(-1)).toMatch(/^Diverting: Diverting 50 %/);
    expect(said('p')).not.toHaveProperty([ANNOTATIONS.rejected]);
  });

  it('had refused one before, and is behind now, is not said to refuse', async () => {
    const { replica, before } = await settled();
    const refused = { 'rds.mw-jobrunner.yaml': 1 };
    world.proxies.others.set('p', { ...before, refused });
    await pass(2 * MINUTE);
    world.divert(withShare(50));
    expect(await inForce(replica)).toMatchObject({ behind: 1, rejected: 0 });
  });

  it.each([
    ['is not reached', { ok: false, why: 'no answer within 2000 ms' }, 'no answer within 2000 ms'],
    ['answers something else', { ok: true, statistics: '<html>', runtime: '' }, 'not that of our sidecar'],
  ] as const)('%s is unknown, and said to be', async (_, answer, why) => {
    const replica = world.start();
    world.run('p');
    world.proxies.others.set('p', answer);
    expect(await inForce(replica)).toMatchObject({ unknown: 1 });
    await pass(MINUTE);
    expect(world.told('p')).toEqual([
      expect.stringMatching(new RegExp(`^NotConfirmed: .*${why}.*: 100 % of test`)),
    ]);
    expect(said('p') ?? {}).not.toHaveProperty([ANNOTATIONS.revision]);
  });

  it('is an Envoy of its own is unknown at once, and is not asked', async () => {
    const replica = world.start();
    await pass(1_000);
    world.run('p', { sidecar: false });
    await pass(1_000);
    expect(world.told('p').at(-1)).toMatch(/^NotConfirmed: .*an Envoy of its own/);
    expect(await inForce(replica)).toMatchObject({ unknown: 1 });
  });

  it('is at an address that no pod has is not asked', async () => {
    world.start();
    await pass(1_000);
    world.run('p');
    world.kube.change(pod, 'p', NAMESPACE, { status: { podIP: '169.254.169.254' } });
    await pass(MINUTE);
    expect(world.told('p').at(-1)).toMatch(/^NotConfirmed: .*not one of a pod/);
  });
});

it('pods at rest are asked about once a minute, and often while they are behind', async () => {
  const { before } = await settled();
  const asked = world.proxies.asked.length;
  await pass(60 * MINUTE);
  expect(world.proxies.asked.length - asked).toBeLessThan(100);
  expect(world.proxies.asked.length - asked).toBeGreaterThan(40);
  world.proxies.others.set('p', before);
  world.divert(withShare(50));
  const then = world.proxies.asked.length;
  await pass(5_000);
  expect(world.proxies.asked.length - then).toBeGreaterThanOrEqual(4);
  expect(world.proxies.asked.length - then).toBeLessThanOrEqual(10);
});

it('a pod that is gone is asked no more', async () => {
  await settled();
  world.kube.remove(pod, 'p', NAMESPACE);
  await pass(1_000);
  const asked = world.proxies.asked.length;
  await pass(10 * MINUTE);
  expect(world.proxies.asked).toHaveLength(asked);
  expect(world.data(OWN)).toBeDefined();
});
