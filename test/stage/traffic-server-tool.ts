import { spawnSync } from 'node:child_process';
import { globSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** There is no Traffic Server to be had, and the message says why. */
export class TrafficServerError extends Error {}

/** Where a Traffic Server stands: the folder above its `usr`. */
export interface TrafficServerTool {
  readonly folder: string;
  readonly programs: string;
  /** Plugins. */
  readonly modules: string;
  /** Folders of shared libraries that the system may not have. */
  readonly libraries: readonly string[];
}

const TOOLS = path.join(import.meta.dirname, '../../scripts/tools');

/** A Traffic Server with tslua, unpacked first when it is not there. */
export function findTrafficServer(): TrafficServerTool {
  const found = spawnSync(TOOLS, ['trafficserver'], { encoding: 'utf8' });
  if (found.status !== 0)
    throw new TrafficServerError(found.stderr.trim() || 'scripts/tools could not be run');
  const folder = realpathSync(found.stdout.trim());
  const libraries = globSync(['usr/lib/trafficserver', 'usr/lib/*-linux-*', 'lib/*-linux-*'], {
    cwd: folder,
  });
  return {
    folder,
    programs: path.join(folder, 'usr/bin'),
    modules: path.join(folder, 'usr/lib/trafficserver/modules'),
    libraries: libraries.sort().map((name) => path.join(folder, name)),
  };
}
