import { authorityPattern } from '../../core/authority-pattern.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';

/**
 * A header matcher for the authorities that `hostOf` maps to one of the hosts.
 * One regular expression for all of them: RE2 reads the authority once, however many hosts it knows,
 * and Envoy matches it in full. Envoy answers 400 to an authority that is not ASCII, so folding case is safe.
 */
export function authorityMatch(hosts: readonly Host[]): JsonObject {
  return { name: ':authority', string_match: { safe_regex: { regex: authorityPattern(hosts) } } };
}
