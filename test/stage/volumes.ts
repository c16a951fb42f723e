import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Volume } from '../../webhook/inject/pod.ts';

/** The data of ConfigMaps and Secrets, by name. */
export type Configs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Makes and updates the folders of a pod's volumes as kubelet does: the files of a ConfigMap stand in a folder of
 * their own behind the link `..data`, and an update swaps that link, and nothing else, in one step.
 */
export class Volumes {
  readonly #root: string;
  readonly #volumes: readonly Volume[];
  #generation = 0;

  constructor(root: string, volumes: readonly Volume[]) {
    this.#root = root;
    this.#volumes = volumes;
  }

  folder(name: string): string {
    return path.join(this.#root, name);
  }

  /** Brings every volume to what the configs say; the first time makes them. */
  async sync(configs: Configs): Promise<void> {
    this.#generation++;
    for (const volume of this.#volumes) {
      await mkdir(this.folder(volume.name), { recursive: true, mode: 0o777 });
      const source = volume.configMap?.name ?? volume.secret?.secretName;
      if (source === undefined) continue;
      const data = configs[source];
      if (volume.configMap?.optional && !items(volume, {}).every(({ key }) => data?.[key] !== undefined))
        continue;
      if (!data) throw new Error(`volume ${volume.name} wants ${source}, which is not there`);
      await this.#project(volume, data);
    }
  }

  async #project(volume: Volume, data: Readonly<Record<string, string>>): Promise<void> {
    const folder = this.folder(volume.name);
    const projected = items(volume, data);
    const generation = `..generation_${this.#generation}`;
    for (const item of projected) {
      const content = data[item.key];
      if (content === undefined)
        throw new Error(`volume ${volume.name} wants key ${item.key}, which is not there`);
      const file = path.join(folder, generation, item.path);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content, { mode: 0o644 });
    }
    await symlink(generation, path.join(folder, '..data_tmp'));
    await rename(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
    for (const top of new Set(projected.map((item) => item.path.split('/')[0] ?? ''))) {
      await symlink(path.join('..data', top), path.join(folder, top)).catch(ignoreExisting);
    }
  }
}

function items(volume: Volume, data: Readonly<Record<string, string>>) {
  return (
    volume.configMap?.items ?? volume.secret?.items ?? Object.keys(data).map((key) => ({ key, path: key }))
  );
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
