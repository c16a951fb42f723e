import { type Host, hostOf } from '../core/host.ts';

/** A host that passed the checks, in canonical form; throws when it did not, which is a bug. */
export function checkedHost(text: string): Host {
  const host = hostOf(text);
  if (host === undefined) throw new Error(`a check let host ${text} through`);
  return host;
}
