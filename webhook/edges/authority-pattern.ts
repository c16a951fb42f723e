import type { Host } from '../core/host.ts';
import { quotePattern } from '../core/pattern.ts';
import { alternatives } from './alternatives.ts';

/** A regular expression (RE2, to be matched in full) for the authorities that `hostOf` maps to one of the hosts. */
export function authorityPattern(hosts: readonly Host[]): string {
  return `(?i)${alternatives(hosts, quotePattern)}\\.?(?::[0-9]*)?`;
}
