import { NAME, nameFor } from '../../core/gateway-paths.ts';
import type { JsonObject } from '../../core/json.ts';
import { field, objectField } from './fields.ts';
import type { NamingPath } from './path-match.ts';

/** Whether a route's own path specifier leaves room for one of the paths; when in doubt it does. */
export function canMatchPath(route: JsonObject, { own, hosts }: NamingPath): boolean {
  const start = startOf(objectField(route, 'match') ?? {});
  return hosts.some((host) => {
    const path = own.path.replace(NAME, () => nameFor(own, host) ?? '').replace(/^\/+|\*$/g, '');
    const length = Math.min(start.length, path.length);
    return path.slice(0, length).toLowerCase() === start.slice(0, length).toLowerCase();
  });
}

/** What every path that the route takes begins with, behind its first slashes. */
function startOf(match: JsonObject): string {
  const literal = field(match, 'path') ?? field(match, 'prefix') ?? field(match, 'path_separated_prefix');
  if (typeof literal === 'string') return literal.replace(/^\/+/, '');
  const regex = field(objectField(match, 'safe_regex'), 'regex');
  return typeof regex === 'string' ? startOfRegex(regex) : '';
}

/** Letters, digits and the like up to the first operator; none where the expression has alternatives on the outside. */
function startOfRegex(regex: string): string {
  if (hasOuterAlternative(regex)) return '';
  const behind = regex.replace(/^\^?\\?\/\+?/, '');
  const start = /^(?:[\w/-]|\\[./-])*/.exec(behind)?.[0] ?? '';
  // An operator that may repeat or leave out what is in front of it takes that away.
  const quantified = /^[*+?{]/.test(behind.slice(start.length));
  const plain = start.replaceAll('\\', '');
  return quantified ? plain.slice(0, -1) : plain;
}

function hasOuterAlternative(regex: string): boolean {
  let depth = 0;
  for (let index = 0; index < regex.length; index++) {
    const character = regex[index];
    if (character === '\\') index++;
    if (character === '[') index = endOfClass(regex, index);
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '|' && depth === 0) return true;
  }
  return false;
}

/** Where a class ends; a bracket directly behind `[` or `[^` is a member. */
function endOfClass(regex: string, start: number): number {
  let index = regex[start + 1] === '^' ? start + 2 : start + 1;
  do index += regex[index] === '\\' ? 2 : 1;
  while (index < regex.length && regex[index] !== ']');
  return index;
}
