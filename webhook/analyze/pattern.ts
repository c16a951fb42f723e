const FOLDED = /^\(\?i\)/;

/** Longer than any name or header that is tried, and than any expression of ours is for a few hosts. */
const LONGEST_PATTERN = 1_000_000;

/** The few that a file holds are tried on thousands of requests. */
const MOST_KEPT = 1000;
const whole = new Map<string, RegExp | undefined>();
const partly = new Map<string, RegExp | undefined>();

/**
 * Whether an expression (RE2, matched in full) takes a text; undefined where it is none that can be tried.
 * Of what RE2 has and JavaScript lacks, only `(?i)` is in use, at the beginning of the whole or of a group.
 */
export function matchesFully(pattern: string, text: string): boolean | undefined {
  return fullMatcher(pattern)(text);
}

/** The same for what is tried on many texts. */
export function fullMatcher(pattern: string): (text: string) => boolean | undefined {
  const compiled = kept(whole, pattern, (source) => `^(?:${source})$`);
  return (text) => compiled?.test(text);
}

/** The same for an expression that may match a part. */
export function matchesPartly(pattern: string, text: string): boolean | undefined {
  return kept(partly, pattern, (source) => source)?.test(text);
}

function kept(
  known: Map<string, RegExp | undefined>,
  pattern: string,
  frame: (source: string) => string,
): RegExp | undefined {
  if (known.has(pattern)) return known.get(pattern);
  if (known.size >= MOST_KEPT) known.clear();
  const source = frame(withoutInnerFlags(pattern.replace(FOLDED, '')));
  const compiled =
    pattern.length > LONGEST_PATTERN ? undefined : compile(source, FOLDED.test(pattern) ? 'is' : 's');
  known.set(pattern, compiled);
  return compiled;
}

const INNER = '(?:(?i)';
/** An escape, a class, a parenthesis, or a letter. */
const PART = /\\.|\[[^\]]*\]|[()]|[a-z]/gi;

/** Letters in both cases where a group says that case does not matter: V8 mistakes some alternatives in `(?i:…)`. */
function withoutInnerFlags(pattern: string): string {
  const from = pattern.indexOf(INNER);
  if (from < 0) return pattern;
  const inside = pattern.slice(from + INNER.length);
  const end = endOfGroup(inside);
  const folded = inside
    .slice(0, end)
    .replaceAll(PART, (part) =>
      /^[a-z]$/i.test(part) ? `[${part.toLowerCase()}${part.toUpperCase()}]` : part,
    );
  return `${pattern.slice(0, from)}(?:${folded}${withoutInnerFlags(inside.slice(end))}`;
}

/** Where the group that a text stands in is closed. */
function endOfGroup(text: string): number {
  let depth = 1;
  for (const { 0: part, index } of text.matchAll(PART)) {
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return text.length;
}

function compile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
