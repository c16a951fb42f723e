import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeRequest } from '../../webhook/controller/kube.ts';
import type { Resource } from '../../webhook/controller/resources.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { withShare } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';
import { ClusterWorld, configMap, event, NAMESPACE, OWN, pass, pod } from './cluster-world.ts';
import { refusal } from './fake-kube.ts';
import { metaOf } from './fake-place.ts';

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

const annotationsIn = ({ body }: KubeRequest) => metaOf(body ?? {})['annotations'] as JsonObject;
const nudges = () =>
  world.kube.sent('PATCH', '/pods/').filter((request) => annotationsIn(request)[ANNOTATIONS.written]);
const nudged = () => nudges().map(({ path }) => path.split('/').at(-1));

function annotationOf(resource: Resource, name: string, key: string): string | undefined {
  const { annotations } = metaOf(found(world.kube.get(resource, name, NAMESPACE))) as Pod['metadata'] &
    object;
  return annotations?.[key];
}

function revisionOf(resource: Resource, name: string): string {
  return found(annotationOf(resource, name, ANNOTATIONS.revision));
}

describe('a pod that mounts the ConfigMap', () => {
  beforeEach(async () => {
    world.start();
    await pass(5000);
    // What has taken a change already needs no nudge.
    for (const name of ['p', 'later', 'other'])
      world.proxies.others.set(name, { ok: false, why: 'it does not answer' });
    world.run('p');
    await pass(1000);
    expect(nudges()).toEqual([]);
  });

  it('is nudged when it changes, once, and only behind it', async () => {
    world.divert(withShare(50));
    await pass(250);
    expect([world.data()?.['share'], nudges()]).toEqual(['50', []]);
    await pass(400);
    expect(nudged()).toEqual(['p']);
    expect(annotationOf(pod, 'p', ANNOTATIONS.written)).toBe(revisionOf(configMap, OWN));
    await pass(10 * MINUTE);
    expect(nudges()).toHaveLength(1);
  });

  it('is not nudged for a ConfigMap that could not be written', async () => {
    world.kube.fault = ({ method, path }) =>
      method === 'PATCH' && path.includes('/configmaps/') ? refusal(500) : undefined;
    world.divert(withShare(50));
    await pass(MINUTE);
    expect(nudges()).toEqual([]);
    world.kube.fault = () => undefined;
    await pass(MINUTE);
    expect(nudges()).toHaveLength(1);
  });

  it('is not nudged when it was made after the change, or has ended, or mounts another', async () => {
    world.run('ended', { phase: 'Succeeded' });
    world.run('leaving', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    world.run('other', { mounts: 'shunt.other.jobqueue' });
    world.run('bare', { mounts: '' });
    world.divert(withShare(50));
    await pass(3000);
    world.run('later');
    await pass(MINUTE);
    expect(nudged()).toEqual(['p']);
  });

  it.each([[0], [429], [500], [503]])('is nudged again when the server says %i', async (status) => {
    let times = 0;
    world.kube.fault = ({ method, path }) =>
      method === 'PATCH' && path.includes('/pods/') && times++ < 2 ? refusal(status) : undefined;
    world.divert(withShare(50));
    await pass(5000);
    expect(nudges()).toHaveLength(3);
    expect(world.kube.get(pod, 'p', NAMESPACE)).toHaveProperty([
      'metadata',
      'annotations',
      ANNOTATIONS.written,
    ]);
  });

  it.each([[403], [404], [409], [422]])('is left alone when the server says %i', async (status) => {
    world.kube.fault = ({ path, method }) =>
      method === 'PATCH' && path.includes('/pods/') ? refusal(status) : undefined;
    world.divert(withShare(50));
    await pass(10 * MINUTE);
    expect(nudges()).toHaveLength(1);
  });
});

it('nobody is nudged where that is not wished', async () => {
  world.start({ nudge: false });
  world.run('p');
  await pass(1000);
  world.divert(withShare(50));
  await pass(MINUTE);
  expect(nudges()).toEqual([]);
});

describe('what is told', () => {
  it('of an injected pod is where it is diverted to, and again when that changes', async () => {
    world.start();
    world.run('p');
    await pass(1000);
    world.divert(withShare(50));
    await pass(1000);
    expect(world.told('p')).toEqual([
      expect.stringMatching(
        /^Diverting: Diverting 100 % of test\.wikipedia\.org on mw-jobrunner \(127\.0\.0\.1:6506\)/,
      ),
      expect.stringMatching(/^Diverting: Diverting 50 %/),
    ]);
  });

  it('of a pod that was made without the webhook is how to mend it', async () => {
    world.start();
    world.run('p', { mounts: '' });
    await pass(1000);
    expect(world.told('p')).toEqual([expect.stringContaining(`kubectl -n ${NAMESPACE} delete pod p`)]);
  });

  it.each([2, 5])('is told once by %i replicas, however often the pod changes', async (count) => {
    for (let replica = 0; replica < count; replica += 1) world.start();
    await pass(1000);
    for (const phase of ['Pending', 'Running', 'Running']) {
      world.run('p', { phase });
      await pass(1000);
    }
    expect(world.kube.all(event)).toHaveLength(1);
    expect(world.kube.sent('POST', '/events')).toHaveLength(count);
  });

  it('is not told of old pods by a replica that starts, unless something is wrong with them', async () => {
    world.run('fine');
    world.run('wrong', { mounts: '' });
    await pass(30 * MINUTE);
    world.start();
    await pass(1000);
    expect(world.told('fine')).toEqual([]);
    expect(world.told('wrong')).toHaveLength(1);
  });

  it('is nothing of pods elsewhere, of ended ones, and of those that another diversion injected', async () => {
    world.label('elsewhere', 'enabled');
    world.label('changeprop', undefined);
    world.run('a', { namespace: 'elsewhere', mounts: 'shunt.other.x' });
    world.run('b', { namespace: 'changeprop', mounts: '' });
    world.run('c', { phase: 'Failed' });
    world.run('d', { app: 'other', mounts: 'shunt.other.x' });
    world.start();
    await pass(1000);
    expect(world.kube.all(event)).toEqual([]);
  });

  it('is not tried where everything is being deleted', async () => {
    world.run('p', { mounts: '' });
    world.label(NAMESPACE, 'enabled', { phase: 'Terminating' });
    world.start();
    await pass(MINUTE);
    expect(world.kube.sent('POST', '/events')).toEqual([]);
  });

  it('is told later when it could not be told', async () => {
    world.kube.fault = ({ method }) => (method === 'POST' ? refusal(500) : undefined);
    world.run('p', { mounts: '' });
    world.start();
    await pass(MINUTE);
    expect(world.kube.sent('POST', '/events').length).toBeLessThan(20);
    world.kube.fault = () => undefined;
    await pass(MINUTE);
    expect(world.told('p')).toHaveLength(1);
  });

  it('of a pod that takes the place of one with the same name is told anew', async () => {
    world.start();
    world.run('p');
    await pass(1000);
    world.kube.remove(pod, 'p', NAMESPACE);
    await pass(1000);
    world.run('p');
    await pass(1000);
    expect(world.told('p')).toHaveLength(2);
  });
});
