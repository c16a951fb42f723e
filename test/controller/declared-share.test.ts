import { expect, it } from 'vitest';
import {
  changeShare,
  type DeclaredDiversion,
  declaredDiversions,
  withShare,
} from '../../webhook/controller/declared-share.ts';
import { shareInPods } from '../../webhook/controller/share-in-pods.ts';
import { DIVERSION_FILE } from '../../webhook/edges/pod-paths.ts';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText } from '../fixtures/diversions.ts';
import { ClusterWorld, configMap, NAMESPACE, pod, RELEASE } from './cluster-world.ts';

const NAME = 'shunt-diversion';

function world(): ClusterWorld {
  const made = new ClusterWorld();
  made.divert();
  return made;
}

async function read({ kube }: ClusterWorld): Promise<DeclaredDiversion> {
  const found = await declaredDiversions(kube, RELEASE);
  if ('status' in found || !found[0]) throw new Error('no diversion');
  return found[0];
}

function shareIn({ kube }: ClusterWorld): unknown {
  const data = kube.get(configMap, NAME, RELEASE)?.['data'] as Record<string, string>;
  const parsed = parseDiversion(data[DIVERSION_FILE] ?? '');
  return parsed.ok && parsed.value.share;
}

it('changes the share alone', () => {
  const text = diversionText();
  const before = parseDiversion(text);
  const after = parseDiversion(withShare(text, 7));
  if (!before.ok || !after.ok) throw new Error('not valid');
  expect(after.value).toEqual({ ...before.value, share: 7 });
  expect(withShare(text, 7).match(/#/g)?.length).toBe(text.match(/#/g)?.length);
});

it('writes it to the ConfigMap of the release, and not again where it is there', async () => {
  const cluster = world();
  const declared = await read(cluster);
  expect(declared).toMatchObject({ configMap: NAME, share: 100, enabled: true });
  expect(await changeShare(cluster.kube, declared, 10)).toEqual({ kind: 'changed' });
  expect(shareIn(cluster)).toBe(10);
  expect(await changeShare(cluster.kube, await read(cluster), 10)).toEqual({ kind: 'unchanged' });
  expect(cluster.kube.sent('PATCH', NAME)).toHaveLength(1);
});

/** Answers the first write with a conflict, as after that change of somebody else. */
function overtakenBy(cluster: ClusterWorld, text: string): void {
  let isFirst = true;
  cluster.kube.fault = ({ method }) => {
    if (method !== 'PATCH' || !isFirst) return undefined;
    isFirst = false;
    cluster.divertBy(text);
    return { ok: false, status: 409, message: 'the object has been modified' };
  };
}

it('keeps what somebody else changed meanwhile', async () => {
  const cluster = world();
  const declared = await read(cluster);
  overtakenBy(cluster, diversionText(['- test.wikipedia.org', '- other.example.org']));
  expect(await changeShare(cluster.kube, declared, 10)).toEqual({ kind: 'changed' });
  expect((await read(cluster)).plan).toMatchObject({ share: 10, hosts: ['other.example.org'] });
});

it('does not write over a share that somebody else wrote meanwhile', async () => {
  const cluster = world();
  const declared = await read(cluster);
  overtakenBy(cluster, withShare(diversionText(), 0));
  expect(await changeShare(cluster.kube, declared, 50)).toEqual({ kind: 'overtaken', by: 0 });
  expect(shareIn(cluster)).toBe(0);
});

it('asks with the version that was read', async () => {
  const cluster = world();
  const declared = await read(cluster);
  await changeShare(cluster.kube, declared, 10);
  const [request] = cluster.kube.sent('PATCH', NAME);
  expect(declared.version).not.toBe('');
  expect(request?.body?.['metadata']).toEqual({ resourceVersion: declared.version });
});

it('tells which pods run the share, by what their sidecars said last', async () => {
  const cluster = world();
  const { plan } = await read(cluster);
  const say = (name: string, annotations: Record<string, string>) =>
    cluster.kube.change(pod, name, NAMESPACE, { metadata: { annotations } });
  for (const name of ['a', 'b', 'c', 'd']) cluster.run(name);
  cluster.run('own', { sidecar: false });
  cluster.run('plain', { mounts: '' });
  cluster.run('other', { mounts: 'shunt.another.jobqueue' });
  say('a', { [ANNOTATIONS.share]: '10' });
  say('b', { [ANNOTATIONS.share]: '100' });
  say('c', { [ANNOTATIONS.share]: '100', [ANNOTATIONS.rejected]: 'abc: lds.yaml' });
  const seen = await shareInPods(cluster.kube, plan, 10);
  expect(seen).toEqual({
    turned: 1,
    waiting: [`${NAMESPACE}/b`, `${NAMESPACE}/d`],
    rejected: [`${NAMESPACE}/c`],
    unknown: [`${NAMESPACE}/own`],
  });
});
