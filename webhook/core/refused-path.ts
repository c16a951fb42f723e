import { quotePattern } from './pattern.ts';

const SLASH = '(?:/|\\\\|%2[Ff]|%5[Cc])';
const DOT = '(?:\\.|%2[Ee])';
/** Also `//`, `/./`, and what leads up again: a proxy resolves plain dot segments, but not those beside encoded slashes. */
const SEPARATOR = `${SLASH}(?:${DOT}?${SLASH}|(?:.*${SLASH})?${DOT}${DOT}${SLASH})*`;

/**
 * Whether a path (with or without query) may lead to one of the refused ones, or below it: a web server finds the same
 * script behind encoded letters, doubled or encoded slashes, dot segments, and with more path behind it.
 */
export function isRefusedPath(refused: readonly string[], path: string): boolean {
  const [plain = ''] = path.split(/[?#]/, 1);
  const resolved = withoutDotSegments(plain);
  return expressionsOf(refused).some((expression) => expression.test(resolved));
}

const expressions = new WeakMap<readonly string[], readonly RegExp[]>();

/** Written once for the paths of a plan, which many requests are tried on. */
function expressionsOf(refused: readonly string[]): readonly RegExp[] {
  const known =
    expressions.get(refused) ?? refused.map((own) => new RegExp(`^(?:${refusedPathPattern(own)})$`));
  expressions.set(refused, known);
  return known;
}

/**
 * A regular expression (RE2 and JavaScript alike, to be matched in full) for the spellings of a refused path, without
 * query, as they are once the proxy has resolved plain dot segments.
 */
export function refusedPathPattern(refused: string): string {
  const segments = refused.split('/').filter((segment) => segment !== '');
  const spelled = segments.map((segment) => SEPARATOR + [...segment].map(spellings).join(''));
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
