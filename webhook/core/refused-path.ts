import { quotePattern } from './pattern.ts';

const SLASH = '(?:/|\\\\|%2[Ff]|%5[Cc])';
const DOT = '(?:\\.|%2[Ee])';
const SEPARATOR = `${SLASH}(?:${DOT}?${SLASH})*`;

/**
 * Whether a path (with or without query) leads to one of the refused ones, or below it: a web server finds the same
 * script behind encoded letters, doubled or encoded slashes, dot segments, and with more path behind it (RFC 3986 §6.2).
 */
export function isRefusedPath(refused: readonly string[], path: string): boolean {
  const wanted = plainPath(path);
  return refused.map(plainPath).some((own) => wanted === own || wanted.startsWith(`${own}/`));
}

/**
 * A regular expression (RE2, to be matched in full) for the paths without query that {@link isRefusedPath} takes for
 * this one. Dot-dot segments are not regular: the proxy must have resolved them before.
 */
export function refusedPathPattern(refused: string): string {
  const segments = plainPath(refused).split('/').slice(1);
  const spelled = segments.map((segment) => SEPARATOR + [...segment].map(spellings).join('')).join('');
  return `${spelled}(?:${SEPARATOR}.*)?`;
}

/** A path as the file system behind a web server would see it. */
function plainPath(path: string): string {
  const [withoutQuery = ''] = path.split(/[?#]/, 1);
  const decoded = withoutQuery.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const segments: string[] = [];
  for (const segment of decoded.split(/[/\\]/)) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** One character of a path, as itself or percent-encoded. */
function spellings(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
  const digits = hex.replace(/[a-f]/g, (digit) => `[${digit.toUpperCase()}${digit}]`);
  return `(?:${quotePattern(character)}|%${digits})`;
}
