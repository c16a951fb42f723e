import { isObject, type Json, type JsonObject } from '../core/json.ts';

/** Keys and indices that lead from the root of a document to one of its nodes. */
export type Path = readonly (string | number)[];

/** New entries of a list, in front of the entry that has that index before any edit. */
export interface ListInsertion {
  readonly path: Path;
  readonly index: number;
  readonly values: readonly Json[];
}

/** A new key, in front of the others of the mapping at that path. */
export interface KeyInsertion {
  readonly path: Path;
  readonly key: string;
  readonly value: Json;
  /** In a text, as JSON on a line of its own: of many alike, a difference then shows which. */
  readonly onOneLine?: true;
}

export type Insertion = ListInsertion | KeyInsertion;

export function isListInsertion(insertion: Insertion): insertion is ListInsertion {
  return 'index' in insertion;
}

/** All new keys of one mapping. */
interface Entries {
  readonly path: Path;
  readonly entries: JsonObject;
}

/** A copy with the insertions made; whatever they do not touch is shared with the original. */
export function applyInsertions(config: JsonObject, insertions: readonly Insertion[]): JsonObject {
  // From the back of each list, so that an index stays that of the original.
  const lists = insertions.filter(isListInsertion).sort((a, b) => b.index - a.index);
  const keys = insertions.filter((insertion): insertion is KeyInsertion => !isListInsertion(insertion));
  return [...lists, ...byMapping(keys).reverse()].reduce<Json>(
    (node, insertion) => insertAt(node, insertion.path, insertion),
    config,
  ) as JsonObject;
}

/** Together, since a mapping is copied for each insertion. */
function byMapping(keys: readonly KeyInsertion[]): Entries[] {
  return [...Map.groupBy(keys, ({ path }) => JSON.stringify(path)).values()].map((group) => ({
    path: group[0]?.path ?? [],
    entries: Object.fromEntries(group.map(({ key, value }) => [key, value])),
  }));
}

function insertAt(node: Json | undefined, path: Path, insertion: ListInsertion | Entries): Json {
  const [step, ...rest] = path;
  if (step === undefined) return inserted(node, insertion);
  if (Array.isArray(node)) {
    return node.map((item: Json, index) => (index === step ? insertAt(item, rest, insertion) : item));
  }
  const fields = isObject(node) ? node : {};
  return { ...fields, [step]: insertAt(fields[step], rest, insertion) };
}

function inserted(node: Json | undefined, insertion: ListInsertion | Entries): Json {
  if ('index' in insertion) {
    const list = Array.isArray(node) ? node : [];
    return [...list.slice(0, insertion.index), ...insertion.values, ...list.slice(insertion.index)];
  }
  const { entries } = insertion;
  // In front, as in an edited text, so that a configuration that is written anew has the same order.
  return { ...entries, ...(isObject(node) ? node : {}), ...entries };
}
