import { type Document, isCollection, isNode, isSeq } from 'yaml';
import { type Insertion, isListInsertion, type ListInsertion } from './edits.ts';
import type { Path } from './find.ts';
import { writeYaml } from './write.ts';

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The same text with the insertions made in place, every other byte kept; undefined where the text is laid out so
 * that whole lines cannot be inserted (flow style, aliases), and it must be written anew.
 */
export function insertIntoText(
  text: string,
  document: Document,
  insertions: readonly Insertion[],
): string | undefined {
  const splices = insertions.map((insertion) =>
    isListInsertion(insertion) ? listSplice(text, document, insertion) : keySplice(text, document, insertion),
  );
  return splices.every((splice) => splice !== undefined) ? splice(text, splices) : undefined;
}

/** The same text without the lines of these list entries; undefined as for insertions. */
export function removeFromText(text: string, document: Document, paths: readonly Path[]): string | undefined {
  const splices = paths.map((path) => {
    const lines = entryLines(text, document, path);
    return lines && { ...lines, text: '' };
  });
  return splices.every((splice) => splice !== undefined) ? splice(text, splices) : undefined;
}

/** Removes a key of the root that stands on lines of its own. */
export function removeKeyFromText(text: string, document: Document, key: string): string | undefined {
  const value = document.get(key, true);
  const root = document.contents;
  if (!isNode(value) || !value.range || !isCollection(root) || root.flow) return undefined;
  const start = text.lastIndexOf(`${key}:`, value.range[0]);
  if (start < 0 || start !== lineStart(text, start)) return undefined;
  return splice(text, [{ start, end: lineAfter(text, value.range[1]), text: '' }]);
}

function keySplice(
  text: string,
  document: Document,
  insertion: { key: string; value: unknown },
): Splice | undefined {
  const root = document.contents;
  if (!isCollection(root) || root.flow || !root.range) return undefined;
  const start = root.range[0];
  if (start !== lineStart(text, start)) return undefined;
  return { start, end: start, text: writeYaml({ [insertion.key]: insertion.value as never }) };
}

function listSplice(
  text: string,
  document: Document,
  { path, index, values }: ListInsertion,
): Splice | undefined {
  const list = document.getIn(path, true);
  if (!isSeq(list) || list.flow) return undefined;
  const lines = entryLines(text, document, [...path, index]);
  if (!lines) return undefined;
  const { start } = lines;
  const indent = ' '.repeat(lines.indent);
  const block = writeYaml(values).replace(/^(?=.)/gm, indent);
  return { start, end: start, text: block };
}

interface EntryLines {
  readonly start: number;
  readonly end: number;
  readonly indent: number;
}

/** The whole lines that a list entry stands on, from its dash to the end of its value. */
function entryLines(text: string, document: Document, path: Path): EntryLines | undefined {
  const node = document.getIn(path, true);
  if (!isNode(node) || !node.range) return undefined;
  const [valueStart, valueEnd] = node.range;
  const start = lineStart(text, valueStart);
  const dash = /^( *)- +$/.exec(text.slice(start, valueStart));
  if (!dash) return undefined;
  return { start, end: lineAfter(text, valueEnd), indent: dash[1]?.length ?? 0 };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The start of the line behind the one on which a value ends; a block value may end at that start already. */
function lineAfter(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}

function splice(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, text: inserted } of ordered) {
    parts.push(text.slice(position, start), inserted);
    position = end;
  }
  return [...parts, text.slice(position)].join('');
}
