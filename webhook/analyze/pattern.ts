import { RE2JS, RE2JSException } from 're2js';

/** Longer than any name or header that is tried, and than any expression of ours is for a few hosts. */
const MAX_PATTERN_LENGTH = 1_000_000;

/** The few that a file holds are tried on thousands of requests. */
const MAX_KEPT = 1000;
const known = new Map<string, RE2JS | undefined>();

/**
 * Whether an expression (RE2, matched in full) takes a text; undefined where it is not a valid one.
 * Other people write them, so they are run by an engine whose time grows with the text, as in the proxies.
 */
export function matchesFully(pattern: string, text: string): boolean | undefined {
  return compile(pattern)?.testExact(text);
}

/** The same for what is tried on many texts. */
export function fullMatcher(pattern: string): (text: string) => boolean | undefined {
  const compiled = compile(pattern);
  return (text) => compiled?.testExact(text);
}

function compile(pattern: string): RE2JS | undefined {
  if (known.has(pattern)) return known.get(pattern);
  if (known.size >= MAX_KEPT) known.clear();
  const compiled = pattern.length > MAX_PATTERN_LENGTH ? undefined : tryCompile(pattern);
  known.set(pattern, compiled);
  return compiled;
}

function tryCompile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
