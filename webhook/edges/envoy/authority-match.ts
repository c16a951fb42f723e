import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import { authorityPattern } from '../authority-pattern.ts';

/**
 * A header matcher for the authorities that `hostOf` maps to one of the hosts.
 * One regular expression for all of them: RE2 reads the authority once, however many hosts it knows,
 * and Envoy matches it in full. Envoy answers 400 to an authority that is not ASCII, so folding case is safe.
 */
export function authorityMatch(hosts: readonly Host[]): JsonObject {
  return { name: ':authority', string_match: { safe_regex: { regex: authorityPattern(hosts) } } };
}

/**
 * A matcher for what all hosts begin with, evaluated before the expression: every copy of a long list of routes is
 * asked for every request, and comparing a few letters takes a tenth of the time.
 */
export function authorityStart(hosts: readonly Host[]): JsonObject[] {
  const prefix = hosts.reduce<string>(commonStart, hosts[0] ?? '');
  return prefix === '' ? [] : [{ name: ':authority', string_match: { prefix, ignore_case: true } }];
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
