import { quotePattern } from '../core/pattern.ts';

const KEY = 'backend=';
const NAME = 'A-Za-z0-9.-';

/**
 * A regular expression (RE2, to be matched in full) for the values of the debug header that ask for one of these
 * backends, as `debugBackendOf` reads them: the name behind the first `backend=`, anywhere, else the whole value.
 */
export function debugPattern(backends: readonly string[]): string {
  const names = `(?i:${backends.map(quotePattern).join('|')})`;
  return `${names}|${beforeFirstName()}${KEY}${names}(?:[^${NAME}].*)?`;
}

/**
 * Any text in which no name follows a `backend=`. RE2 cannot look ahead, so this spells the automaton out: from each
 * letter of the key on, either the next one follows, or something that breaks it off. Only its first letter is a `b`,
 * so a broken key begins anew at the next `b`.
 */
function beforeFirstName(): string {
  const [first = '', ...rest] = KEY;
  const complete = `[^${NAME}][^${first}]*`;
  const tail = rest.reduceRight((inner, letter, index) => {
    const whole = index === rest.length - 1 ? inner : `(?:${inner})?`;
    return `[^${first}${letter}][^${first}]*|${letter}${whole}`;
  }, complete);
  return `[^${first}]*(?:${first}(?:${tail})?)*`;
}
