import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import type { Kube } from '../../webhook/controller/kube.ts';
import { connectKube } from '../../webhook/controller/kube-https.ts';
import { listAll } from '../../webhook/controller/list-all.ts';
import { Reflector } from '../../webhook/controller/reflector.ts';
import { collectionPath, RESOURCES } from '../../webhook/controller/resources.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { Release, until } from '../cluster/release.ts';
import { diversionText } from '../fixtures/diversions.ts';
import { fixturePod, inRepository } from '../fixtures/read.ts';
import { writeArchive } from '../images/archive.ts';
import { productImage } from '../images/product.ts';
import { BenchError } from './bench-error.ts';
import { generateChart } from './generate-chart.ts';
import { declaredMemoryLimit, limitMemory } from './memory-limit.ts';
import { peakMemoryMib, residentMemoryMib } from './proc.ts';

export interface ClusterBenchOptions {
  /** Pods created one after the other, in each of the two kinds of namespace. */
  readonly creations: number;
  /** Namespaces that opted in, and pods over all of them, for the measure of memory. */
  readonly namespaces: number;
  readonly pods: number;
  readonly say: (text: string) => void;
}

export interface ClusterMeasured {
  /** Each creation in microseconds: with the webhook, and in a namespace that did not opt in. */
  readonly injectedUs: readonly number[];
  readonly untouchedUs: readonly number[];
  /** Memory of a replica in MiB: at first, with all namespaces and pods, and the most that it ever was. */
  readonly idleMib: number;
  readonly loadedMib: number;
  readonly peakMib: number;
  /** Size of the webhook's image, compressed. */
  readonly imageMb: number;
  /** From the first label to the last ConfigMap. */
  readonly labelledMs: number;
  /** From the end of the upgrade that changes the share to the last pod's new revision. */
  readonly changedMs: number;
}

const PREFIX = 'bench-';
const WARM_UP = 50;
const AT_ONCE = 8;

/** The cost of the webhook and the controller on a real API server, without nodes. */
export async function measureCluster(options: ClusterBenchOptions): Promise<ClusterMeasured> {
  const api = await startApiServer();
  try {
    const chart = await generateChart(path.join(api.folder, 'bench'), wideDiversion(options.namespaces));
    const program = await bundle(api);
    const limit = limitMemory(declaredMemoryLimit());
    const release = await Release.install(api, 1, { chart, program, under: limit.command });
    try {
      return await measure(api, release, options);
    } finally {
      await release.stop();
      limit.remove();
    }
  } finally {
    await api.stop();
  }
}

async function measure(
  api: ApiServer,
  release: Release,
  { creations, namespaces, pods, say }: ClusterBenchOptions,
): Promise<ClusterMeasured> {
  const kube = connectAs(api);
  const [replica] = release.replicas;
  const pid = replica?.process.pid ?? 0;
  const idleMib = await residentMemoryMib(pid);
  say(`creating ${2 * creations} pods in turn ...`);
  await createNamespace(kube, `${PREFIX}0`, true);
  await createNamespace(kube, 'untouched', false);
  await until('the ConfigMap is there', () => hasConfigMaps(kube, 1));
  const times = { injectedUs: [] as number[], untouchedUs: [] as number[] };
  for (let index = 0; index < creations + WARM_UP; index += 1) {
    const injectedUs = await timePod(kube, `${PREFIX}0`, index);
    const untouchedUs = await timePod(kube, 'untouched', index);
    if (index < WARM_UP) continue;
    times.injectedUs.push(injectedUs);
    times.untouchedUs.push(untouchedUs);
  }
  say(`labelling ${namespaces} namespaces and creating ${pods} pods in them ...`);
  const labelledAt = performance.now();
  await inParallel(namespaces - 1, (index) => createNamespace(kube, `${PREFIX}${index + 1}`, true));
  await until('every namespace has its ConfigMap', () => hasConfigMaps(kube, namespaces), 120_000);
  const labelledMs = performance.now() - labelledAt;
  await inParallel(pods, async (index) => {
    await createPod(kube, `${PREFIX}${index % namespaces}`, creations + WARM_UP + index);
  });
  say('changing the share ...');
  const revisions = watchRevisions(kube);
  await until('all pods are seen', async () => revisions.items.size >= pods);
  await release.upgrade(['--set', 'share=0']);
  const changedAt = performance.now();
  await until('every pod has a new revision', async () => isChanged(revisions), 300_000);
  const changedMs = performance.now() - changedAt;
  revisions.stop();
  const loadedMib = await residentMemoryMib(pid);
  const peakMib = await peakMemoryMib(pid);
  const imageMb = writeArchive([productImage()], { compress: true }).bytes.length / 1e6;
  return { ...times, idleMib, loadedMib, peakMib, imageMb, labelledMs, changedMs };
}

/** A diversion with that many namespaces. */
function wideDiversion(namespaces: number): string {
  const names = Array.from({ length: namespaces }, (_, index) => `${PREFIX}${index}`).join(', ');
  const from = 'namespaces: [changeprop-jobqueue]';
  return diversionText([from, `namespaces: [changeprop-jobqueue, ${names}]`]);
}

/** The program as the image holds it, since that is what has to fit into the image's memory. */
async function bundle({ folder }: ApiServer): Promise<string> {
  const file = path.join(folder, 'bench/shunt.mjs');
  const options = { cwd: inRepository('.') };
  await promisify(execFile)('npm', ['run', '--silent', 'bundle', '--', `--outfile=${file}`], options);
  return file;
}

/** The administrator's connection. */
export function connectAs(api: ApiServer): Kube {
  const config = new KubeConfig();
  config.loadFromFile(api.kubeconfig);
  return connectKube(config, () => performance.now());
}

async function createNamespace(kube: Kube, name: string, optedIn: boolean): Promise<void> {
  const labels = optedIn ? { 'shunt.wikimedia.org/inject': 'enabled' } : {};
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await create(kube, collectionPath(RESOURCES.namespace), body);
}

const POD = fixturePod('jobqueue');

async function createPod(kube: Kube, namespace: string, index: number): Promise<void> {
  const metadata = { ...POD.metadata, namespace, name: `pod-${index}` };
  await create(kube, collectionPath(RESOURCES.pod, namespace), {
    ...(POD as unknown as JsonObject),
    metadata: metadata as unknown as JsonObject,
  });
}

async function timePod(kube: Kube, namespace: string, index: number): Promise<number> {
  const started = performance.now();
  await createPod(kube, namespace, index);
  return (performance.now() - started) * 1000;
}

async function create(kube: Kube, path: string, body: JsonObject): Promise<void> {
  const answer = await kube.send({ method: 'POST', path, body });
  if (!answer.ok) throw new BenchError(`the API server refused ${path}: ${answer.message}`);
}

async function inParallel(count: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await task(next - 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function hasConfigMaps(kube: Kube, count: number): Promise<boolean> {
  const labelSelector = 'shunt.wikimedia.org/diversion=testwiki';
  const found = await listAll(kube, RESOURCES.configMap, { query: { labelSelector } });
  return found.ok && found.items.length >= count;
}

/** The revision of each injected pod; empty while it has none. */
function watchRevisions(kube: Kube): Reflector<string> {
  const revisions = new Reflector<string>({
    kube,
    resource: RESOURCES.pod,
    keep: (object) => {
      const { namespace, annotations } = object['metadata'] as JsonObject;
      const revision = (annotations as JsonObject | undefined)?.[ANNOTATIONS.revision];
      return String(namespace).startsWith(PREFIX) ? String(revision ?? '') : undefined;
    },
    changed: () => undefined,
    failed: (_, { message }) => {
      throw new BenchError(message);
    },
  });
  revisions.start();
  return revisions;
}

/** Whether all pods show one revision, and one that was not there before. */
function isChanged({ items }: Reflector<string>): boolean {
  const distinct = new Set(items.values());
  return distinct.size === 1 && !distinct.has('');
}
