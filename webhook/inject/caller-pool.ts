import { type Document, isMap, isPair, isScalar, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import type { CallerPool } from '../core/diversion.ts';
import type { Listener } from '../core/plan.ts';
import { startsWithOrigin } from './origins.ts';
import { type Before, findPoolDifference, type PoolDifference } from './pool-difference.ts';
import { type PoolEdit, raiseLimit } from './pool-edits.ts';
import { hasMerge, mergedValue } from './yaml-values.ts';

/** A text in which the app's own limit was raised beside `count` addresses, or why it was not, and in which line. */
export type RaisedPool =
  | { readonly ok: true; readonly text: string; readonly count: number }
  | { readonly ok: false; readonly message: string; readonly line?: number };

/**
 * Raises the app's own limit of connections in every mapping that holds a captured address, in the text of a YAML or
 * JSON file; every other byte is kept. The result is read again, and given up where anything else would change.
 */
export function raisePool(text: string, listeners: readonly Listener[], pool: CallerPool): RaisedPool {
  const documents = readDocuments(text);
  if (typeof documents === 'string') return { ok: false, message: documents };
  const before = documents.map((document) => ({
    document,
    captured: mappingsOfOrigins(document, listeners),
  }));
  const count = before.reduce((sum, { captured }) => sum + captured.size, 0);
  if (count === 0) return { ok: false, message: 'no mapping holds a captured address as a value' };
  const edits = before.flatMap(({ document, captured }) =>
    [...captured].flatMap((map) => raiseLimit({ text, document, pool }, map) ?? []),
  );
  const edited = applyEdits(
    text,
    edits.filter((edit) => edit.kind === 'edit'),
  );
  const failed = edits.find((edit) => edit.kind === 'impossible') ?? findDifference(before, edited, pool);
  if (!failed) return { ok: true, text: edited, count };
  return { ok: false, message: failed.message, line: text.slice(0, failed.offset).split('\n').length };
}

function findDifference(
  before: readonly Before[],
  edited: string,
  pool: CallerPool,
): PoolDifference | undefined {
  const read = readDocuments(edited);
  const after = typeof read === 'string' ? [] : read;
  for (const [index, document] of before.entries()) {
    const difference = findPoolDifference(document, after[index], pool);
    if (difference) return difference;
  }
  return undefined;
}

function readDocuments(text: string): Document[] | string {
  const documents = [...parseAllDocuments(text, { merge: true, logLevel: 'silent' })] as Document[];
  const error = documents.flatMap(({ errors }) => errors)[0];
  return error ? `it cannot be read as YAML: ${error.message.split('\n')[0]}` : documents;
}

/** The mappings in which a captured address is the value of a key, their own or one that they merge. */
function mappingsOfOrigins(document: Document, listeners: readonly Listener[]): Set<YAMLMap> {
  const isOrigin = (value: unknown): boolean =>
    typeof value === 'string' && startsWithOrigin(value, listeners);
  const found = new Set<YAMLMap>();
  const keys = new Set<string>();
  visit(document, {
    Scalar: (key, { value }, path) => {
      if (key === 'key' || !isOrigin(value)) return;
      const holder = path.findLast((node) => isMap(node));
      if (holder) found.add(holder as YAMLMap);
      const pair = path.at(-1);
      if (isPair(pair) && isScalar(pair.key)) keys.add(String(pair.key.value));
    },
  });
  visit(document, {
    Map: (_key, map) => {
      if (
        !found.has(map) &&
        hasMerge(map) &&
        [...keys].some((key) => isOrigin(mergedValue(map, key, document)))
      )
        found.add(map);
    },
  });
  return found;
}

/** Mappings that share a node share its edit. */
function applyEdits(text: string, edits: readonly PoolEdit[]): string {
  const ordered = [...new Map(edits.map((edit) => [edit.start, edit])).values()];
  ordered.sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let position = 0;
  for (const edit of ordered) {
    parts.push(text.slice(position, edit.start), edit.text);
    position = edit.end;
  }
  return [...parts, text.slice(position)].join('');
}
