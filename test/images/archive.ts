import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './elf.ts';
import { type Entry, withFolders, writeTar } from './tar.ts';

/** One image, for each architecture that it can run on. */
export interface Image {
  /** All under which it is known, such as `shunt.test/shunt:1`. */
  readonly names: readonly string[];
  readonly platforms: readonly Platform[];
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingDir: string;
  /** Labels of the image, and annotations of its manifests. */
  readonly labels?: Readonly<Record<string, string>>;
  /** When its source was written, in the form of RFC 3339. */
  readonly created?: string;
}

export interface Platform {
  readonly architecture: Architecture;
  /** Each on top of the ones before. Images with the very same layer share it. */
  readonly layers: readonly Layer[];
}

/** One layer of images, and its SHA-256. */
export interface Layer {
  readonly tar: Buffer;
  readonly digest: string;
}

export interface Archive {
  readonly bytes: Buffer;
  /** Of each image in turn: what a registry knows it by. */
  readonly digests: readonly string[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const TYPE = 'application/vnd.oci.image';
/** The architecture of this machine. */
export const HERE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

export function makeLayer(entries: readonly Entry[]): Layer {
  const tar = writeTar(withFolders(entries));
  return { tar, digest: digestOf(tar) };
}

/** The images as an OCI layout in an archive; the same images give the same bytes. */
export function writeArchive(images: readonly Image[], { compress = false } = {}): Archive {
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, content: Buffer): Descriptor => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { mediaType: `${TYPE}.${mediaType}`, digest, size: content.length };
  };
  const addJson = (mediaType: string, content: object) =>
    add(mediaType, Buffer.from(JSON.stringify(content)));
  const addLayer = ({ tar }: Layer) =>
    compress ? add('layer.v1.tar+gzip', gzipSync(tar)) : add('layer.v1.tar', tar);

  const indexes = images.map((image) => {
    const annotations = image.labels ?? {};
    const manifests = image.platforms.map((platform) => ({
      ...addJson('manifest.v1+json', {
        schemaVersion: 2,
        mediaType: `${TYPE}.manifest.v1+json`,
        config: addJson('config.v1+json', configOf(image, platform)),
        layers: platform.layers.map(addLayer),
        annotations,
      }),
      platform: { architecture: platform.architecture, os: 'linux' },
    }));
    return addJson('index.v1+json', {
      schemaVersion: 2,
      mediaType: `${TYPE}.index.v1+json`,
      manifests,
      annotations,
    });
  });
  const named = images.flatMap(({ names }, index) =>
    names.map((name) => ({ ...indexes[index], annotations: nameAnnotations(name) })),
  );
  const file = (path: string, content: Buffer): Entry => ({ kind: 'file', path, content, mode: 0o644 });
  const bytes = writeTar(
    withFolders([
      file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
      file('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: named }))),
      ...[...blobs].map(([digest, content]) => file(`blobs/${digest.replace(':', '/')}`, content)),
    ]),
  );
  return { bytes, digests: indexes.map(({ digest }) => digest) };
}

/** containerd reads the first, others the second. */
function nameAnnotations(name: string): Record<string, string> {
  const tag = name.slice(name.lastIndexOf(':') + 1);
  return { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': tag };
}

function configOf(image: Image, { architecture, layers }: Platform): object {
  return {
    ...(image.created && { created: image.created }),
    architecture,
    os: 'linux',
    config: {
      User: image.user,
      Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: image.entrypoint,
      WorkingDir: image.workingDir,
      ...(image.labels && { Labels: image.labels }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created_by: 'scripts/image' })),
  };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
