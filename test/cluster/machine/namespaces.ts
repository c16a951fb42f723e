import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ClusterError } from '../cluster-error.ts';
import { type Part, startPart } from '../part.ts';

const INIT = path.join(import.meta.dirname, 'init.sh');
const PREPARED_WITHIN_MS = 15_000;

/** Namespaces of a cluster's own for processes, mounts and network; all that is in them ends with the holder. */
export interface Namespaces {
  readonly holder: Part;
  readonly initPid: number;
}

export async function makeNamespaces(folder: string, plugins: string): Promise<Namespaces> {
  if (process.getuid?.() !== 0)
    throw new ClusterError('a node runs containers, which takes root: run this as root, or use --api-only');
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const holder = startPart({
    name: 'unshare',
    command: ['unshare', ...namespaces, INIT, folder, plugins],
    logFile: path.join(folder, 'unshare.log'),
    outlives: true,
  });
  await holder.ready(async () => existsSync(path.join(folder, 'prepared')), PREPARED_WITHIN_MS);
  const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
  return { holder, initPid: Number(children.trim().split(' ')[0]) };
}

/** The command that runs another in these namespaces; what it runs ends with it. */
export function enter(initPid: number): string[] {
  const namespaces = ['--net', '--mount', '--pid'];
  return ['nsenter', '--target', `${initPid}`, ...namespaces, 'setpriv', '--pdeathsig', 'TERM', '--'];
}
