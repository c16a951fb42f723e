import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT_SCRIPT = path.join(import.meta.dirname, 'container-root.sh');
const PROJECT = path.join(import.meta.dirname, '../..');

/** Something that a container sees at a path of its root. */
export interface ContainerMount {
  readonly target: string;
  /** Folder or file outside; absent for empty memory. */
  readonly source?: string;
  readonly readOnly: boolean;
}

export interface ContainerSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  /** Folders in which commands are looked for, before those of the system. */
  readonly path: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly readOnlyRoot: boolean;
  /** Opens a channel for messages, for programs of the stage's own. */
  readonly ipc?: boolean;
}

/** A process that runs in a root of its own, and what it has printed. */
export interface RunningContainer {
  readonly name: string;
  readonly process: ChildProcess;
  readonly output: () => string;
  /** The exit code, once it has ended. */
  readonly exited: Promise<number>;
}

/** Starts a container. Needs a mount namespace of the caller's own, as a sandbox has. */
export async function startContainer(spec: ContainerSpec, scratch: string): Promise<RunningContainer> {
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(path.join(scratch, `${spec.name}-`));
  const root = path.join(folder, 'root');
  await mkdir(root);
  const mountsFile = path.join(folder, 'mounts');
  await writeFile(
    mountsFile,
    mountLines([...spec.mounts, { target: PROJECT, source: PROJECT, readOnly: true }]),
  );
  const mayChangeUser = process.getuid?.() === 0 && !(await isMappedRoot());
  const user = spec.user && mayChangeUser ? `${spec.user.uid}:${spec.user.gid}` : '-';
  const script = [ROOT_SCRIPT, root, mountsFile, user, spec.readOnlyRoot ? 'ro' : 'rw', ...spec.command];
  // A file, since a program may open /dev/stdout again, which it cannot do with the socket that Node would give it.
  const logFile = path.join(folder, 'log');
  await writeFile(logFile, '');
  await chmod(logFile, 0o666);
  const log = openSync(logFile, 'a');
  const child = spawn('unshare', ['--mount', ...script], {
    cwd: '/',
    env: {
      ...spec.env,
      PATH: [...spec.path, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(':'),
    },
    stdio: spec.ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit').then(([code, signal]) => (signal === null ? Number(code) : 128));
  return { name: spec.name, process: child, output: () => readFileSync(logFile, 'utf8'), exited };
}

function mountLines(mounts: readonly ContainerMount[]): string {
  const ordered = [...mounts].sort((a, b) => a.target.split('/').length - b.target.split('/').length);
  const lines = ordered.map(({ source, target, readOnly }) =>
    source === undefined
      ? ['tmpfs', '-', target, 'rw'].join('\t')
      : ['bind', source, target, readOnly ? 'ro' : 'rw'].join('\t'),
  );
  return `${lines.join('\n')}\n`;
}

/** In a user namespace with one mapped user there is nobody else to become. */
async function isMappedRoot(): Promise<boolean> {
  const map = await readFile('/proc/self/uid_map', 'utf8');
  return Number(map.trim().split(/\s+/)[2]) === 1;
}
