import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

const MERGE_KEY = '<<';

/** The pair that the mapping itself has for a key. */
export function ownPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

export function hasMerge(map: YAMLMap): boolean {
  return map.items.some(isMerge);
}

/** The value of a key as data: the mapping's own, or that of the first mapping that it merges; undefined for none. */
export function mergedValue(map: YAMLMap, key: string, document: Document): unknown {
  const pair = findPair(map, key, { document, seen: new Set() });
  return isNode(pair?.value) ? pair.value.toJS(document) : undefined;
}

interface Search {
  readonly document: Document;
  /** A mapping may merge itself. */
  readonly seen: Set<unknown>;
}

function findPair(map: YAMLMap, key: string, search: Search): Pair | undefined {
  if (search.seen.has(map)) return undefined;
  search.seen.add(map);
  const own = ownPair(map, key);
  if (own) return own;
  for (const source of mergedMaps(map, search.document)) {
    const found = findPair(source, key, search);
    if (found) return found;
  }
  return undefined;
}

function mergedMaps(map: YAMLMap, document: Document): YAMLMap[] {
  const sources = map.items.filter(isMerge).flatMap(({ value }) => (isSeq(value) ? value.items : [value]));
  return sources.map((node) => resolved(node, document)).filter((node) => isMap(node));
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.source === MERGE_KEY;
}

function resolved(node: unknown, document: Document): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}
