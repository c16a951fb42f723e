import type { Json, JsonObject } from '../../core/json.ts';
import { field, objectField } from './fields.ts';

/** Stands between pieces; none of those that are read holds one. */
const GAP = '\n';

/** What an expression in RE2's syntax is read as; flags and rare escapes are none of these. */
const ATOMS = [
  /(?<open>\((?!\?)|\(\?:|\(\?P?<\w+>)/y,
  /(?<close>\))/y,
  /(?<bar>\|)/y,
  /\\(?<mark>[!-/:-@[-`{-~])/y,
  /(?<plain>(?![\\^$.*+?()[\]{}|])[!-~])/y,
  /[.^$]|\\[dDwWsSbB]/y,
  // A bracket directly behind `[` or `[^` is a member; such classes are not read.
  /\[(?:\^|(?!\^))(?:\\.|[^[\]\\^])(?:\\.|[^[\]\\])*\]/y,
];
const REPEATED = /(?<repeated>(?:[*+?]|\{\d+(?:,\d*)?\})\??)?/y;
const PARTS = new RegExp(`(?:${ATOMS.map(({ source }) => source).join('|')})${REPEATED.source}`, 'gy');

/**
 * A matcher for the longest text that all paths of a route hold. Beside the route's own specifier it takes nothing away,
 * but Envoy looks at headers first and in order: where it comes before an expression, a request for another path
 * costs the search for a few letters. None where no text is certain.
 */
export function longestLiteral(route: JsonObject): Json[] {
  const match = objectField(route, 'match') ?? {};
  if (field(match, 'case_sensitive') === false) return [];
  const [longest = ''] = piecesOf(match).toSorted((a, b) => b.length - a.length);
  return longest.length < 2 ? [] : [{ name: ':path', string_match: { contains: longest } }];
}

function piecesOf(match: JsonObject): readonly string[] {
  const literal = field(match, 'path') ?? field(match, 'prefix') ?? field(match, 'path_separated_prefix');
  if (typeof literal === 'string') return [literal];
  const regex = field(objectField(match, 'safe_regex'), 'regex');
  return typeof regex === 'string' ? piecesOfRegex(regex) : [];
}

/** The literal texts outside of groups; none where the expression has alternatives there, or more than is read here. */
function piecesOfRegex(regex: string): readonly string[] {
  const parts = [...regex.matchAll(PARTS)];
  if (parts.map(([part]) => part).join('') !== regex) return [];
  let text = '';
  let depth = 0;
  for (const { groups = {} } of parts) {
    const { open, close, bar, repeated = '', mark, plain } = groups;
    if (bar && depth === 0) return [];
    if (depth === 0) text += literal(mark ?? plain, repeated);
    if (open) depth++;
    if (close) depth--;
  }
  return text.split(GAP);
}

function literal(letter: string | undefined, repeated: string): string {
  if (letter === undefined) return GAP;
  if (repeated === '') return letter;
  return repeated.startsWith('+') ? `${letter}${GAP}${letter}` : GAP;
}
