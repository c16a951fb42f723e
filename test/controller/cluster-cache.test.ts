import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterWorld, NAMESPACE, namespace, OWN, pass } from './cluster-world.ts';
import { refusal } from './fake-kube.ts';
import { counted } from './quiet-context.ts';

const MINUTE = 60_000;
const OTHER = 'changeprop';
const OTHERS_OWN = 'shunt.testwiki.changeprop';

let world: ClusterWorld;
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new ClusterWorld();
  world.divert();
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

const asked = (part: string) => world.kube.sent('GET', part);

describe('what is read of a cluster', () => {
  it('is what lies in declared namespaces, each asked for by its name, and nothing of all of them', async () => {
    for (const name of [NAMESPACE, OTHER, 'elsewhere']) world.label(name, 'enabled');
    world.start({ policyMode: 'auto' });
    await pass(MINUTE);
    expect(asked('elsewhere')).toEqual([]);
    for (const { path, query } of world.kube.requests) {
      if (path.endsWith('/api/v1/namespaces')) expect(query?.['fieldSelector']).toMatch(/^metadata\.name=/);
      else expect(path).toMatch(/\/namespaces\/[^/]+\//);
    }
  });

  it('is nothing in a namespace that did not opt in, once nothing of ours is known to be there', async () => {
    world.label(NAMESPACE, undefined);
    world.start({ policyMode: 'auto' });
    await pass(MINUTE);
    const before = world.kube.requests.length;
    world.run('p', { mounts: '' });
    world.label(NAMESPACE, 'disabled');
    await pass(10 * MINUTE);
    expect(world.kube.requests.slice(before).filter(({ path }) => path.includes(`/${NAMESPACE}/`))).toEqual(
      [],
    );
  });
});

describe('a declared namespace', () => {
  it('that does not exist holds up none of the others, and is taken in when it comes', async () => {
    world.label(OTHER, 'enabled');
    world.start();
    await pass(1000);
    expect(world.data(OTHERS_OWN, OTHER)).toBeDefined();
    world.label(NAMESPACE, 'enabled');
    await pass(1000);
    expect(world.data()).toBeDefined();
    world.kube.remove(namespace, NAMESPACE);
    await pass(1000);
    const before = world.kube.requests.length;
    await pass(10 * MINUTE);
    const inside = world.kube.requests.slice(before).filter(({ path }) => path.includes(`/${NAMESPACE}/`));
    expect(inside).toEqual([]);
  });

  it('that cannot be read is asked for less and less, is counted, and holds up none of the others', async () => {
    for (const name of [NAMESPACE, OTHER]) world.label(name, 'enabled');
    world.kube.fault = ({ path }) => (path.includes(`/${NAMESPACE}/pods`) ? refusal(403) : undefined);
    const { registry } = world.start();
    await pass(10 * MINUTE);
    expect(world.data(OTHERS_OWN, OTHER)).toBeDefined();
    expect(asked(`/${NAMESPACE}/pods`).length).toBeLessThan(60);
    expect(await counted(registry, 'shunt_kube_failures_total', { kind: 'Pod' })).toBeGreaterThan(5);
    expect(world.data(OWN, NAMESPACE)).toBeUndefined();
    world.kube.fault = () => undefined;
    await pass(MINUTE);
    expect(world.data(OWN, NAMESPACE)).toBeDefined();
  });

  it('that could not be read is tried at once when it opts in', async () => {
    world.label(NAMESPACE, undefined);
    world.kube.fault = ({ path }) => (path.includes(`/${NAMESPACE}/`) ? refusal(403) : undefined);
    world.start();
    await pass(10 * MINUTE);
    world.kube.fault = () => undefined;
    world.label(NAMESPACE, 'enabled');
    await pass(300);
    expect(world.data()).toBeDefined();
  });

  it('that is declared no more, and whose rights went with that, is asked for no more', async () => {
    world.label(NAMESPACE, 'enabled');
    world.run('p');
    world.start();
    await pass(1000);
    world.divert([`namespaces: [${NAMESPACE}]`, 'namespaces: [other]']);
    await pass(1000);
    expect(world.data()).toBeDefined();
    world.kube.fault = ({ path }) => (path.includes(NAMESPACE) ? refusal(403) : undefined);
    world.kube.streams.end();
    await pass(5 * MINUTE);
    const before = asked(NAMESPACE).length;
    await pass(10 * MINUTE);
    expect(asked(NAMESPACE)).toHaveLength(before);
  });
});
