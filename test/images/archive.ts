import { createHash } from 'node:crypto';
import { type Entry, withFolders, writeTar } from './tar.ts';

/** An image of one layer. */
export interface Image {
  /** All under which it is known, such as `shunt.test/shunt:1`. */
  readonly names: readonly string[];
  readonly entries: readonly Entry[];
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingDir: string;
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The image as `docker save` would write it; the same image gives the same bytes. */
export function writeArchive(image: Image): Buffer {
  const layer = writeTar(withFolders(image.entries));
  const digest = sha256(layer);
  const config = Buffer.from(
    JSON.stringify({
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      os: 'linux',
      config: {
        User: image.user,
        Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
        Entrypoint: image.entrypoint,
        WorkingDir: image.workingDir,
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
      history: [{ created_by: 'scripts/image' }],
    }),
  );
  const configName = `${sha256(config)}.json`;
  const layerName = `${digest}/layer.tar`;
  const manifest = [{ Config: configName, RepoTags: image.names, Layers: [layerName] }];
  return writeTar([
    { kind: 'file', path: configName, content: config, mode: 0o644 },
    { kind: 'folder', path: digest, mode: 0o755 },
    { kind: 'file', path: layerName, content: layer, mode: 0o644 },
    { kind: 'file', path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)), mode: 0o644 },
  ]);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
