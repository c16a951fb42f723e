import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Issued, issueAuthority } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import { writeArchive } from '../../images/archive.ts';
import { declaredImages, standIns } from '../../images/needed.ts';
import { productImage } from '../../images/product.ts';
import { findTool } from '../tool.ts';
import { INSIDE } from './node-files.ts';
import { CONTAINERD_SOCKET } from './node-parts.ts';

const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** Makes the authority that stand-ins of apps and proxies trust; a test signs the services of its world with it. */
export async function makeWorldAuthority(folder: string): Promise<Issued> {
  const validity = { now: new Date(), lifetime: milliseconds(LIFETIME_MS) };
  const authority = await issueAuthority('shunt test world', validity);
  await mkdir(path.join(folder, 'world'), { mode: 0o700 });
  await writeFile(path.join(folder, 'world/ca.crt'), authority.cert);
  await writeFile(path.join(folder, 'world/ca.key'), authority.key, { mode: 0o600 });
  return authority;
}

/** Hands the images to containerd under the names that manifests use. */
export async function importImages(
  folder: string,
  authority: Issued,
  runInside: (command: readonly string[]) => Promise<string>,
): Promise<void> {
  const { configImage } = await declaredImages();
  const images = [productImage({ names: [configImage] }), ...(await standIns(authority.cert))];
  await writeFile(path.join(folder, 'images.tar'), writeArchive(images).bytes);
  const ctr = [await findTool('ctr'), '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io'];
  await runInside([...ctr, 'images', 'import', '--no-unpack', `${INSIDE}/images.tar`]);
  await rm(path.join(folder, 'images.tar'));
}
