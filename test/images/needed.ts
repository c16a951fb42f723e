import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { findTool } from '../cluster/tool.ts';
import type { Image } from './archive.ts';
import { appImage, idleImage, proxyImage } from './stand-ins.ts';

const DIVERSION = path.join(import.meta.dirname, '../../chart/diversion.yaml');

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

/** The names of the images that the chart's own diversion puts into pods. */
export async function declaredImages(): Promise<{ image: string; configImage: string }> {
  const diversion = parseDiversion(await readFile(DIVERSION, 'utf8'));
  if (!diversion.ok) throw new ClusterError(`${DIVERSION} has problems; scripts/shunt explain names them`);
  return diversion.value.sidecar;
}

/** What stands in for the images of registries, trusting that authority (PEM). */
export async function standIns(authority: string): Promise<Image[]> {
  const { image } = await declaredImages();
  return [
    idleImage(IDLE, await findTool('pause')),
    proxyImage([image], await findTool('envoy'), authority),
    appImage(APP, authority),
  ];
}
