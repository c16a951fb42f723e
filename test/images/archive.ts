import { createHash } from 'node:crypto';
import { type Entry, withFolders, writeTar } from './tar.ts';

export interface Image {
  /** All under which it is known, such as `shunt.test/shunt:1`. */
  readonly names: readonly string[];
  /** Each on top of the ones before. Images with the very same layer share it. */
  readonly layers: readonly Layer[];
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingDir: string;
}

/** One layer of images, and its SHA-256. */
export interface Layer {
  readonly tar: Buffer;
  readonly digest: string;
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

export function makeLayer(entries: readonly Entry[]): Layer {
  const tar = writeTar(withFolders(entries));
  return { tar, digest: sha256(tar) };
}

/** The images as `docker save` would write them; the same images give the same bytes. */
export function writeArchive(images: readonly Image[]): Buffer {
  const layers = new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer.tar]));
  const configs = images.map((image) => {
    const content = Buffer.from(JSON.stringify(configOf(image)));
    return { image, content, path: `${sha256(content)}.json` };
  });
  const manifest = configs.map(({ image, path }) => ({
    Config: path,
    RepoTags: image.names,
    Layers: image.layers.map(({ digest }) => layerPath(digest)),
  }));
  const file = (path: string, content: Buffer): Entry => ({ kind: 'file', path, content, mode: 0o644 });
  return writeTar(
    withFolders([
      ...configs.map(({ path, content }) => file(path, content)),
      ...[...layers].map(([digest, tar]) => file(layerPath(digest), tar)),
      file('manifest.json', Buffer.from(JSON.stringify(manifest))),
    ]),
  );
}

function configOf(image: Image): unknown {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      User: image.user,
      Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: image.entrypoint,
      WorkingDir: image.workingDir,
    },
    rootfs: { type: 'layers', diff_ids: image.layers.map(({ digest }) => `sha256:${digest}`) },
    history: image.layers.map(() => ({ created_by: 'scripts/image' })),
  };
}

function layerPath(digest: string): string {
  return `${digest}/layer.tar`;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
