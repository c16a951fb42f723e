import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** There is no Envoy to be had, and the message says why. */
export class EnvoyError extends Error {}

const TOOLS = path.join(import.meta.dirname, '../../scripts/tools');

/** Path of an Envoy of that version (the newest by default), installed first when it is not there. */
export function findEnvoy(version?: string): string {
  const found = spawnSync(TOOLS, ['envoy', ...(version === undefined ? [] : [version])], {
    encoding: 'utf8',
  });
  if (found.status === 0) return found.stdout.trim();
  throw new EnvoyError(found.stderr.trim() || 'scripts/tools could not be run');
}
