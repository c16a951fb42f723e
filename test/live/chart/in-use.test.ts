import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { Release, until } from '../../cluster/release.ts';

let api: ApiServer;
let release: Release;

beforeAll(async () => {
  api = await startApiServer();
  release = await Release.install(api, 2);
});
afterAll(async () => {
  await release?.stop();
  await api?.stop();
});

const names = async (...args: string[]) => (await release.run(['get', ...args, '-o', 'name'])).trim();

/** Requests and watches that the API server did not fulfil, of all replicas. */
async function failures(): Promise<string[]> {
  const texts = await Promise.all(
    [...release.replicas].map(async ({ healthPort }) =>
      (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text(),
    ),
  );
  return texts.join('\n').match(/^shunt_kube_failures_total\{.*\} [1-9].*$/gm) ?? [];
}

describe('the program with the rights of the chart, and no others', () => {
  it('comes up, supplies a namespace that opts in, and clears up', async () => {
    await release.run(['label', 'namespace', 'changeprop', 'shunt.wikimedia.org/inject=enabled']);
    await until('ConfigMap', async () =>
      (await names('configmap', '-n', 'changeprop')).includes('configmap/shunt.testwiki.changeprop'),
    );
    await release.run(['label', 'namespace', 'changeprop', 'shunt.wikimedia.org/inject-']);
    await until('no ConfigMap', async () => (await names('configmap', '-n', 'changeprop')) === '');
    expect(await failures()).toEqual([]);
  });

  it('hands a share that helm has changed on to the namespaces', async () => {
    await release.run(['label', 'namespace', 'changeprop', 'shunt.wikimedia.org/inject=enabled']);
    await until('ConfigMap', async () => (await names('configmap', '-n', 'changeprop')) !== '');
    await release.upgrade(['--set', 'share=0']);
    const share = [
      'get',
      'configmap',
      'shunt.testwiki.changeprop',
      '-n',
      'changeprop',
      '-o',
      'jsonpath={.data.share}',
    ];
    await until('share of 0', async () => (await release.run(share)).trim().startsWith('0'));
    expect(await failures()).toEqual([]);
  });

  const secret = () => ['-n', release.namespace, 'secret', `${release.name}-authority`];
  const authority = () => release.run(['get', ...secret(), '-o', 'jsonpath={.data}']);

  it.each(['3', '4'] as const)('keeps its authority through an upgrade by Helm %s', async (helm) => {
    const before = await authority();
    expect(before).toContain('ca.key');
    await release.upgrade([], helm);
    await release.upgrade(['--set', 'labels.a=b'], helm);
    expect(await authority()).toBe(before);
  });

  it('makes its authority anew when it is emptied', async () => {
    const before = await authority();
    const empty = ['--type=json', '-p', '[{"op":"remove","path":"/data"}]'];
    await release.run(['patch', ...secret(), ...empty]);
    await until('another authority', async () => ![before, ''].includes(await authority()));
    expect(await failures()).toEqual([]);
  });

  it('says that the Secret is missing, and fills it once helm upgrade has made it', async () => {
    await release.run(['delete', ...secret()]);
    const told = ['get', 'events', '-n', release.namespace, '-o', 'jsonpath={.items[*].message}'];
    await until('event', async () =>
      (await release.run(told)).includes('The Secret of the certificate authority is missing'),
    );
    await release.upgrade();
    await until('authority', async () => (await authority()).includes('ca.key'));
  });
});
