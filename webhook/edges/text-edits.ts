import { type Document, isCollection, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Json } from '../core/json.ts';
import {
  type Insertion,
  isListInsertion,
  type KeyInsertion,
  type ListInsertion,
  type Path,
} from './edits.ts';
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

/** The same text without the lines of these list entries and keys; undefined as for insertions. */
export function removeFromText(text: string, document: Document, paths: readonly Path[]): string | undefined {
  const splices = paths.map((path) => {
    const lines = isListEntry(path) ? entryLines(text, document, path) : keyLines(text, document, path);
    return lines && { ...lines, text: '' };
  });
  return splices.every((splice) => splice !== undefined) ? splice(text, splices) : undefined;
}

function isListEntry(path: Path): boolean {
  return typeof path.at(-1) === 'number';
}

function keySplice(text: string, document: Document, insertion: KeyInsertion): Splice | undefined {
  const { path, key, value, onOneLine } = insertion;
  const map = document.getIn(path, true);
  if (!isCollection(map) || map.flow || !map.range) return undefined;
  const start = lineStart(text, map.range[0]);
  const indent = text.slice(start, map.range[0]);
  if (!/^ *$/.test(indent)) return undefined;
  // A comment at the top may well be about the whole text.
  const place = path.length === 0 ? start : aboveComments(text, start);
  const inserted = onOneLine
    ? `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}\n`
    : indented({ [key]: value }, indent.length);
  return { start: place, end: place, text: inserted };
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
  const start = aboveComments(text, lines.start);
  return { start, end: start, text: indented(values, lines.indent) };
}

function indented(value: Json, columns: number): string {
  return writeYaml(value).replace(/^(?=.)/gm, ' '.repeat(columns));
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

/** The whole lines that a key of a mapping and its value stand on. */
function keyLines(text: string, document: Document, path: Path): EntryLines | undefined {
  const map = document.getIn(path.slice(0, -1), true);
  if (!isMap(map) || map.flow) return undefined;
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (!pair || !isNode(pair.key) || !pair.key.range || !isNode(pair.value) || !pair.value.range)
    return undefined;
  const start = lineStart(text, pair.key.range[0]);
  const indent = text.slice(start, pair.key.range[0]);
  if (!/^ *$/.test(indent)) return undefined;
  return { start, end: lineAfter(text, pair.value.range[1]), indent: indent.length };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The start of the comment that stands directly above a line, which is about that line, or else the line's own. */
function aboveComments(text: string, start: number): number {
  if (start === 0) return start;
  const previous = lineStart(text, start - 1);
  return /^ *#/.test(text.slice(previous, start)) ? aboveComments(text, previous) : start;
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
