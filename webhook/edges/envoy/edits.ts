import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Path } from './find.ts';

/** New entries of a list, in front of the entry that has that index before any edit. */
export interface ListInsertion {
  readonly path: Path;
  readonly index: number;
  readonly values: readonly Json[];
}

/** A new key of the mapping at the root. */
export interface KeyInsertion {
  readonly path: readonly [];
  readonly key: string;
  readonly value: Json;
}

export type Insertion = ListInsertion | KeyInsertion;

export function isListInsertion(insertion: Insertion): insertion is ListInsertion {
  return 'index' in insertion;
}

/** A copy with the insertions made; whatever they do not touch is shared with the original. */
export function applyInsertions(config: JsonObject, insertions: readonly Insertion[]): JsonObject {
  // From the back of each list, so that an index stays that of the original.
  const ordered = insertions.filter(isListInsertion).sort((a, b) => b.index - a.index);
  const lists = ordered.reduce<Json>((node, insertion) => insertAt(node, insertion.path, insertion), config);
  const keys = insertions.flatMap((insertion) =>
    isListInsertion(insertion) ? [] : [[insertion.key, insertion.value]],
  );
  const added = Object.fromEntries(keys);
  // In front, as in an edited text, so that a configuration that is written anew has the same order.
  return { ...added, ...(lists as JsonObject), ...added };
}

function insertAt(node: Json | undefined, path: Path, insertion: ListInsertion): Json {
  const [step, ...rest] = path;
  if (step === undefined) {
    const list = Array.isArray(node) ? node : [];
    return [...list.slice(0, insertion.index), ...insertion.values, ...list.slice(insertion.index)];
  }
  if (Array.isArray(node)) {
    return node.map((item: Json, index) => (index === step ? insertAt(item, rest, insertion) : item));
  }
  const fields = isObject(node) ? node : {};
  return { ...fields, [step]: insertAt(fields[step], rest, insertion) };
}
