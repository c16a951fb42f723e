const FOLDED = /^\(\?i\)/;

/** Longer than any name or header that is tried, and than any expression of ours is for a few hosts. */
const LONGEST_PATTERN = 1_000_000;

/**
 * Whether an expression (RE2, matched in full) takes a text; undefined where it is none that can be tried.
 * Of what RE2 has and JavaScript lacks, only `(?i)` is in use, at the beginning of the whole or of a group.
 */
export function matchesFully(pattern: string, text: string): boolean | undefined {
  const compiled = compile(`^(?:${pattern.replace(FOLDED, '')})$`, FOLDED.test(pattern) ? 'is' : 's');
  return compiled?.test(text);
}

/** The same for an expression that may match a part. */
export function matchesPartly(pattern: string, text: string): boolean | undefined {
  return compile(pattern.replace(FOLDED, ''), FOLDED.test(pattern) ? 'is' : 's')?.test(text);
}

/** The few that a file holds are tried on thousands of requests. */
const MOST_KEPT = 1000;
const kept = new Map<string, RegExp | undefined>();

function compile(source: string, flags: string): RegExp | undefined {
  if (source.length > LONGEST_PATTERN) return undefined;
  const key = `${flags} ${source}`;
  if (kept.has(key)) return kept.get(key);
  if (kept.size >= MOST_KEPT) kept.clear();
  const compiled = parse(source, flags);
  kept.set(key, compiled);
  return compiled;
}

function parse(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source.replaceAll('(?:(?i)', '(?i:'), flags);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
