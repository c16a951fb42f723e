import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ImageConfig } from './read-archive.ts';

const WITHIN_MS = 60_000;

export interface ContainerRun {
  /** Path of runc. */
  readonly runc: string;
  /** The unpacked layers. */
  readonly rootfs: string;
  readonly image: ImageConfig;
  /** After the image's entrypoint. */
  readonly args?: readonly string[];
  /** Instead of it. */
  readonly command?: readonly string[];
  /** Folders of this machine, by where they are in the container. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** Runs a container of the image to its end: root filesystem read-only, no capabilities, no network, its own user. */
export function runContainer(run: ContainerRun): { status: number | null; stdout: string; stderr: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-container-'));
  try {
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(specOf(run)));
    const args = ['--root', path.join(folder, 'state'), 'run', '--bundle', folder, path.basename(folder)];
    return spawnSync(run.runc, args, { encoding: 'utf8', timeout: WITHIN_MS });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function specOf({ rootfs, image, args = [], command, mounts = {} }: ContainerRun): object {
  const [uid, gid] = image.config.User.split(':').map(Number);
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: command ?? [...image.config.Entrypoint, ...args],
      env: image.config.Env,
      cwd: image.config.WorkingDir,
      noNewPrivileges: true,
      capabilities: {},
    },
    root: { path: rootfs, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      ...Object.entries(mounts).map(([destination, source]) => ({
        destination,
        source,
        type: 'bind',
        options: ['rbind', 'rw'],
      })),
    ],
    linux: { namespaces: ['pid', 'mount', 'network', 'ipc', 'uts'].map((type) => ({ type })) },
  };
}
