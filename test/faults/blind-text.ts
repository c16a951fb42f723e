import type { Alteration } from './blind-tree.ts';

/** What can be done to one line. */
type LineFault = (line: string) => readonly { readonly what: string; readonly line: string }[];

/** Faults in the lines of a text that another has not: a line gone, behind the next, or with something in it changed. */
function lineFaults(text: string, untouched: string, within: LineFault): Alteration[] {
  const lines = text.split('\n');
  const old = new Set(untouched.split('\n'));
  return lines.flatMap((line, index): Alteration[] => {
    if (line.trim() === '' || line.trim().startsWith('--') || old.has(line)) return [];
    const here = `line ${index + 1}, ${line.trim().slice(0, 60)}`;
    const put = (what: string, count: number, ...others: readonly string[]): Alteration => ({
      what: `${here}: ${what}`,
      make: () => lines.toSpliced(index, count, ...others).join('\n'),
    });
    const next = lines[index + 1] ?? '';
    return [
      put('is gone', 1),
      ...(next.trim() === '' ? [] : [put('is behind the next', 2, next, line)]),
      ...within(line).map(({ what, line: changed }) => put(what, 1, changed)),
    ];
  });
}

/** Faults in a script: besides whole lines, a condition turned round, a literal changed, an entry of a list dropped. */
export function scriptFaults(text: string, untouched: string): Alteration[] {
  return lineFaults(text, untouched, (line) => SCRIPT.flatMap((fault) => fault(line)));
}

const SCRIPT: readonly LineFault[] = [
  each(/\b(if|elseif) (.+) then\b/g, (_, word, condition) => `${word} not (${condition}) then`),
  each(/==|~=/g, (operator) => (operator === '==' ? '~=' : '==')),
  each(/<=|>=|<|>/g, (operator) => (operator.endsWith('=') ? operator.slice(0, 1) : `${operator}=`)),
  each(/\b(?:and|or)\b/g, (operator) => (operator === 'and' ? 'or' : 'and')),
  each(/'[^']*'|"[^"]*"/g, (literal) => `${literal.slice(0, -1)}x${literal.slice(-1)}`),
  each(/(?<![\w.'])\d+(?![\w.'])/g, (number) => String(Number(number) + 1)),
  each(/\b(?:true|false)\b/g, (value) => String(value !== 'true')),
  each(/(?<=[{(,]\s*)[^{}(),]+,/g, () => ''),
];

/** Faults in rules of a line each: besides whole lines, a word of those that a line was given gone, behind the next, changed. */
export function ruleFaults(text: string, untouched: string): Alteration[] {
  const old = untouched.split('\n').map((line) => line.split(' '));
  return lineFaults(text, untouched, (line) => {
    const words = line.split(' ');
    const { from, count } = addedWords(words, old);
    const put = (at: number, removed: number, ...others: readonly string[]): string =>
      words.toSpliced(at, removed, ...others).join(' ');
    return words.slice(from, from + count).flatMap((word, index) => {
      const at = from + index;
      return [
        { what: `${word} is gone`, line: put(at, 1) },
        { what: `${word} is behind the next`, line: put(at, 2, words[at + 1] ?? '', word) },
        { what: `${word}x`, line: put(at, 1, `${word}x`) },
      ];
    });
  });
}

/** Which words a line has more than the line that it was made from; all, where it was made from none. */
function addedWords(words: readonly string[], old: readonly (readonly string[])[]) {
  for (const was of old) {
    const count = words.length - was.length;
    const differs = words.findIndex((word, index) => word !== was[index]);
    const from = Math.min(differs, was.length);
    const isRestSame = words.slice(from + count).join(' ') === was.slice(from).join(' ');
    if (count > 0 && isRestSame) return { from, count };
  }
  return { from: 0, count: words.length };
}

function each(find: RegExp, put: (...found: string[]) => string): LineFault {
  return (line) =>
    [...line.matchAll(find)].map((match) => {
      const [found] = match;
      const changed = put(...match);
      const altered = line.slice(0, match.index) + changed + line.slice(match.index + found.length);
      return { what: changed === '' ? `${found} is gone` : `${changed} for ${found}`, line: altered };
    });
}
