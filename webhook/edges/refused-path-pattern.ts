import { quotePattern } from '../core/pattern.ts';
import { segmentsOf, UNREADABLE } from '../core/refused-path.ts';

/** Groups are plain ones, since a path of the Gateway API may have 1,024 characters. */
const ENCODED = '%(25)*';
const SLASH = `([/\\\\]|${ENCODED}(2[fF]|5[cC]))`;
const DOT = `(\\.|${ENCODED}2[eE])`;
/** Control characters and blanks, which some servers trim. */
const BLANK = '[01][\\dA-Fa-f]|20|7[fF]';
/** What a segment may have behind its name: parameters, or what is trimmed. */
const END = `(([;.]|${ENCODED}(3[bB]|2[eE]|${BLANK}))[^/\\\\]*)?`;
/** Also `//`, `/./`, and what leads up again: a proxy resolves plain dot segments, but not those beside encoded slashes. */
const SEPARATOR = `(((.*${SLASH})?${DOT}{2}|${DOT})?${END}${SLASH})+(${ENCODED}(${BLANK}))*`;
/** The path may go on, or be cut, but not be a longer name. */
const TAIL = '([^\\w~-].*)?';

/**
 * A regular expression (RE2 and JavaScript alike, to be matched in full) for the spellings of a refused path, without
 * query, as they are once the proxy has resolved plain dot segments.
 */
export function refusedPathPattern(refused: string): string {
  const spelled = segmentsOf(refused).map((segment) => SEPARATOR + [...segment].map(spellings).join(''));
  return `(${spelled.join('')}${TAIL}|.*${UNREADABLE.source}.*)`;
}

/** One character of a path, in either case, as itself or percent-encoded. */
function spellings(character: string): string {
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  const [plain, codes] =
    lower === upper ? [quotePattern(lower), [lower]] : [`[${upper}${lower}]`, [upper, lower]];
  const hex = codes.map((code) => code.charCodeAt(0).toString(16).padStart(2, '0'));
  const high = [...new Set(hex.map(([digit = '']) => digit))].join('');
  const low = hex[0]?.[1] ?? '';
  return `(${plain}|${ENCODED}${eitherCase(high)}${eitherCase(low)})`;
}

function eitherCase(digits: string): string {
  const both = [...new Set([...digits.toUpperCase(), ...digits])].join('');
  return both.length === 1 ? both : `[${both}]`;
}
