/** The characters of a path as a server may read them, however often each is percent-encoded. */
export interface PathTokens {
  /** In lower case, since some file systems do not tell case apart. */
  readonly text: string;
  /** Of each character in `text`, whether it was encoded. */
  readonly isEncoded: readonly boolean[];
}

const ENCODED = /%(?:25)*([0-9a-f]{2})/gi;

/** Reads `%2f`, `%252f` and so on as one character each. Work grows with the length of the path. */
export function pathTokens(path: string): PathTokens {
  const texts: string[] = [];
  const isEncoded: boolean[] = [];
  let done = 0;
  const keep = (end: number): void => {
    for (let at = done; at < end; at++) isEncoded.push(false);
    texts.push(path.slice(done, end));
  };
  for (const { 0: spelled, 1: digits = '', index } of path.matchAll(ENCODED)) {
    keep(index);
    texts.push(String.fromCharCode(Number.parseInt(digits, 16)));
    isEncoded.push(true);
    done = index + spelled.length;
  }
  keep(path.length);
  return { text: lowerCase(texts.join('')), isEncoded };
}

/** Of ASCII alone, so that no character becomes two. */
function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
