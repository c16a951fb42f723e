import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Issued, issueAuthority } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import { parseDiversion } from '../../../webhook/spec/parse.ts';
import { type Image, writeArchive } from '../../images/archive.ts';
import { productImage } from '../../images/product.ts';
import { appImage, idleImage, proxyImage } from '../../images/stand-ins.ts';
import { ClusterError } from '../cluster-error.ts';
import { findTool } from '../tool.ts';
import { INSIDE } from './node-files.ts';
import { CONTAINERD_SOCKET } from './node-parts.ts';

const DIVERSION = path.join(import.meta.dirname, '../../../chart/diversion.yaml');
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** As they stand in Wikimedia's manifests and in the fixtures, which run here as they are. */
const REGISTRY = 'docker-registry.discovery.wmnet';
const APP = [
  `${REGISTRY}/wikimedia/mediawiki-services-change-propagation:2025-06-27-104102-production`,
  'registry.example/wikimedia/change-propagation:2026-06-01-000000-production',
];
const IDLE = [
  'shunt.test/pause:1',
  `${REGISTRY}/prometheus-statsd-exporter:latest`,
  'registry.example/prometheus-statsd-exporter:0.0.10',
  `${REGISTRY}/nutcracker:latest`,
  'registry.example/nutcracker:0.0.5',
];

/** Makes the authority that stand-ins of apps and proxies trust; a test signs the services of its world with it. */
export async function makeWorldAuthority(folder: string): Promise<Issued> {
  const validity = { now: new Date(), lifetime: milliseconds(LIFETIME_MS) };
  const authority = await issueAuthority('shunt test world', validity);
  await mkdir(path.join(folder, 'world'), { mode: 0o700 });
  await writeFile(path.join(folder, 'world/ca.crt'), authority.cert);
  await writeFile(path.join(folder, 'world/ca.key'), authority.key, { mode: 0o600 });
  return authority;
}

/** Writes the images, one after another, and hands them to containerd under the names that manifests use. */
export async function importImages(
  folder: string,
  authority: Issued,
  runInside: (command: readonly string[]) => Promise<string>,
): Promise<void> {
  const ctr = [await findTool('ctr'), '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io'];
  await mkdir(path.join(folder, 'images'));
  for (const make of await imageMakers(authority.cert)) {
    await writeFile(path.join(folder, 'images/image.tar'), writeArchive(make()));
    await runInside([...ctr, 'images', 'import', '--no-unpack', `${INSIDE}/images/image.tar`]);
  }
  await rm(path.join(folder, 'images'), { recursive: true });
}

async function imageMakers(authority: string): Promise<(() => Image)[]> {
  const pause = await findTool('pause');
  const envoy = await findTool('envoy');
  const diversion = parseDiversion(await readFile(DIVERSION, 'utf8'));
  if (!diversion.ok) throw new ClusterError(`${DIVERSION} has problems; shunt analyze names them`);
  const { image, configImage } = diversion.value.sidecar;
  return [
    () => idleImage(IDLE, pause),
    () => proxyImage([image], envoy, authority),
    () => productImage([configImage]),
    () => appImage(APP, authority),
  ];
}
