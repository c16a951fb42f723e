import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { kubectl } from './kubectl.ts';

/** The namespaces in which a chart has Roles, and which must exist before it is installed. */
export async function declaredNamespaces(chart: string): Promise<readonly string[]> {
  const owned = JSON.parse(await readFile(path.join(chart, 'files/owned.json'), 'utf8')) as {
    readonly namespaces?: Readonly<Record<string, unknown>>;
  };
  return Object.keys(owned.namespaces ?? {});
}

/** Makes those of them that do not exist, as they are: none opts in. */
export async function makeDeclaredNamespaces(kubeconfig: string, chart: string): Promise<void> {
  const names = await declaredNamespaces(chart);
  if (names.length === 0) return;
  const items = names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  const { status, text } = await kubectl(kubeconfig, ['create', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'List',
    items,
  });
  const others = text.split('\n').filter((line) => /error/i.test(line) && !line.includes('AlreadyExists'));
  if (status !== 0 && others.length > 0) throw new ClusterError(`namespaces of ${chart}: ${text}`);
}
