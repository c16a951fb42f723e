import { quotePattern } from './pattern.ts';

const SLASH = '(?:/|\\\\|%2[Ff]|%5[Cc])';
const DOT = '(?:\\.|%2[Ee])';
/** Also `//`, `/./`, and what leads up again: a proxy resolves plain dot segments, but not those beside encoded slashes. */
const SEPARATOR = `${SLASH}(?:${DOT}?${SLASH}|(?:.*${SLASH})?${DOT}${DOT}${SLASH})*`;

/**
 * Whether a path (with or without query) may lead to one of the refused ones, or below it: a web server finds the same
 * script behind encoded letters, doubled or encoded slashes, dot segments, and with more path behind it. Means the same
 * as `refusedPathPattern`, in time that grows with the length of the path, which anyone may choose.
 */
export function isRefusedPath(refused: readonly string[], path: string): boolean {
  const [plain = ''] = path.split(/[?#]/, 1);
  // The empty one at the end is where the path ends.
  const parts = [...decodeOnce(withoutDotSegments(plain)).split('/'), ''];
  return refused.some((own) => mayLeadTo(segmentsOf(own), parts));
}

/** Whether the segments are met in this order, with nothing between them but what a separator may hold. */
function mayLeadTo(segments: readonly string[], parts: readonly string[]): boolean {
  let starts: readonly boolean[] = parts.map((_, index) => index === 1);
  for (const segment of segments) {
    const reached = behindSeparator(starts, parts);
    starts = parts.map((_, index) => reached[index - 1] === true && parts[index - 1] === segment);
  }
  return starts.includes(true);
}

/** Which parts a separator may end in front of, when it begins in front of one of those. */
function behindSeparator(starts: readonly boolean[], parts: readonly string[]): readonly boolean[] {
  let begun = false;
  let before = false;
  return parts.map((_, index) => {
    const skipped = parts[index - 1] ?? '';
    const isUp = begun && skipped === '..';
    const isEmpty = before && (skipped === '' || skipped === '.');
    before = starts[index] === true || isUp || isEmpty;
    begun ||= before;
    return before;
  });
}

/** Percent-encoded characters as themselves, and backslashes as the slashes that some servers take them for. */
function decodeOnce(path: string): string {
  return path
    .replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\', '/');
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/**
 * A regular expression (RE2 and JavaScript alike, to be matched in full) for the spellings of a refused path, without
 * query, as they are once the proxy has resolved plain dot segments.
 */
export function refusedPathPattern(refused: string): string {
  const spelled = segmentsOf(refused).map((segment) => SEPARATOR + [...segment].map(spellings).join(''));
  return `${spelled.join('')}(?:${SEPARATOR}.*)?`;
}

/** What every proxy does before it routes (RFC 3986 §5.2.4, and backslashes as slashes). */
function withoutDotSegments(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split(/[/\\]/).slice(1)) {
    const plain = segment.replaceAll(/%2e/gi, '.');
    if (plain === '..') segments.pop();
    else if (plain !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** One character of a path, as itself or percent-encoded. */
function spellings(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
  const digits = hex.replace(/[a-f]/g, (digit) => `[${digit.toUpperCase()}${digit}]`);
  return `(?:${quotePattern(character)}|%${digits})`;
}
