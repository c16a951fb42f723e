import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Architecture } from './elf.ts';

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: Architecture; readonly os: string };
}

interface Index {
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What an image's configuration says of a container of it. */
export interface ImageConfig {
  readonly architecture: Architecture;
  readonly created?: string;
  readonly config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly WorkingDir: string;
    readonly Labels?: Readonly<Record<string, string>>;
  };
}

export interface ReadPlatform {
  readonly architecture: Architecture;
  readonly config: ImageConfig;
  /** Archives of its layers, in order. */
  readonly layers: readonly string[];
}

export interface ReadImage {
  readonly digest: string;
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly platforms: readonly ReadPlatform[];
}

/** The first image of an OCI archive, unpacked into the folder. */
export function readArchive(archive: string, folder: string): ReadImage {
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const blob = (digest: string) => path.join(folder, 'blobs', digest.replace(':', '/'));
  const read = <T>(digest: string) => JSON.parse(readFileSync(blob(digest), 'utf8')) as T;
  const { manifests } = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as Index;
  const digest = manifests[0]?.digest ?? '';
  const index = read<Index>(digest);
  return {
    digest,
    names: manifests.map(({ annotations }) => annotations?.['io.containerd.image.name'] ?? ''),
    labels: index.annotations ?? {},
    platforms: index.manifests.map(({ digest, platform }) => {
      const manifest = read<{ config: Descriptor; layers: readonly Descriptor[] }>(digest);
      return {
        architecture: platform?.architecture ?? 'amd64',
        config: read<ImageConfig>(manifest.config.digest),
        layers: manifest.layers.map(({ digest }) => blob(digest)),
      };
    }),
  };
}

/** Lays the layers of one platform over each other, as a container runtime does. */
export function unpackLayers({ layers }: ReadPlatform, folder: string): void {
  for (const layer of layers) execFileSync('tar', ['-xf', layer, '-C', folder]);
}
