import { type PathTokens, pathTokens } from './path-tokens.ts';

/*
 * Which spellings of a path reach a refused one is answered for every server that may be behind the proxy: they differ in how
 * often they decode, whether encoded slashes and backslashes are slashes, whether case counts, what follows a `;`, and
 * where they cut. So what could be read as the refused path is refused. A web page that could not is served.
 */

/** Bytes that spell a character in a way that only faulty decoders read: overlong UTF-8, `%u002f`, `%%35%32`. */
export const UNREADABLE =
  /%(25)*([cC][01]%|[eE]0%(25)*[89]|[fF][08cC]%(25)*8|[uU][\dA-Fa-f]|[\dA-Fa-f]?%(25)*(3\d|[46][1-6]))/;

const IS_NAME = /^[\w~-]$/;

/**
 * Whether a path (with or without query) may reach one of the refused ones, or below it. Takes time that
 * grows with the length of the path, which anyone may choose.
 */
export function isRefusedPath(refused: readonly string[], path: string): boolean {
  const [plain = ''] = path.split(/[?#]/, 1);
  const resolved = withoutDotSegments(plain);
  if (refused.length === 0) return false;
  if (UNREADABLE.test(resolved)) return true;
  // Which comes first at the server behind, decoding or resolving, is not known.
  const readings = [pathTokens(resolved), withoutDecodedDotSegments(pathTokens(plain))];
  return refused.some((own) => readings.some((reading) => mayLeadTo(segmentsOf(own), reading)));
}

/** Whether the segments are met in this order, with nothing between them but what a separator may hold. */
function mayLeadTo(segments: readonly string[], path: PathTokens): boolean {
  let ends = places(path);
  ends[0] = 1;
  for (const segment of segments) {
    const name = segment.toLowerCase();
    const next = places(path);
    behindSeparator(ends, path).forEach((isStart, start) => {
      if (isStart === 1 && path.text.startsWith(name, start)) next[start + name.length] = 1;
    });
    if (!next.includes(1)) return false;
    ends = next;
  }
  return ends.some((isEnd, at) => isEnd === 1 && isTail(path, at));
}

/** A mark for every place between two characters, at both ends too. */
function places({ text }: PathTokens): Uint8Array {
  return new Uint8Array(text.length + 1);
}

function isTail({ text, isEncoded }: PathTokens, at: number): boolean {
  return at >= text.length || isEncoded[at] === true || !IS_NAME.test(text[at] ?? '');
}

/** Where a separator may end that begins at one of those places, a character at a time. */
function behindSeparator(begins: Uint8Array, path: PathTokens): Uint8Array {
  const { text, isEncoded } = path;
  const [open, marked, trailing, behind] = [places(path), places(path), places(path), places(path)];
  let hasBegun = false;
  for (let at = 0; at <= text.length; at++) {
    const last = at - 1;
    const [isSlash, isDot, blank] = [isSlashAt(text, last), text[last] === '.', isBlank(path, last)];
    const isFurther = isSlash && has(marked, last, trailing);
    open[at] = Number(isFurther || begins[at] === 1);
    // Speaks of places up to the slash in front of two dots.
    hasBegun ||= open[at - 3] === 1;
    const mayLeadUp = open[at - 2] === 1 || (hasBegun && isSlashAt(text, at - 3));
    const isUp = isDot && text[at - 2] === '.' && mayLeadUp;
    marked[at] = Number(open[at] === 1 || isUp || (isDot && open[last] === 1));
    const isEndOfName = text[last] === ';' || isDot || blank;
    const mayTrail = isEncoded[last] === true || !isSlash;
    trailing[at] = Number((isEndOfName && has(marked, last)) || (mayTrail && has(trailing, last)));
    behind[at] = Number(isFurther || (blank && has(behind, last)));
  }
  return behind;
}

function has(marks: Uint8Array, at: number, others: Uint8Array = marks): boolean {
  return marks[at] === 1 || others[at] === 1;
}

function isSlashAt(text: string, at: number): boolean {
  return text[at] === '/' || text[at] === '\\';
}

function isBlank({ text, isEncoded }: PathTokens, at: number): boolean {
  const character = text[at] ?? '';
  return isEncoded[at] === true && (character <= ' ' || character === '\x7f');
}

/** The segments of a refused path. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
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

/** The same at a server that decodes first. */
function withoutDecodedDotSegments({ text, isEncoded }: PathTokens): PathTokens {
  const segments: { readonly start: number; readonly end: number }[] = [];
  let start = 1;
  for (const segment of text.slice(1).split(/[/\\]/)) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push({ start, end: start + segment.length });
    start += segment.length + 1;
  }
  return {
    text: segments.map((own) => `/${text.slice(own.start, own.end)}`).join(''),
    isEncoded: segments.flatMap((own) => [false, ...isEncoded.slice(own.start, own.end)]),
  };
}
