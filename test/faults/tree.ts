import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { writeYaml } from '../../webhook/edges/write.ts';
import { YAML_OF_OTHERS } from '../../webhook/edges/yaml.ts';
import type { Base, Mutator } from './fault.ts';

/** Plain data that a fault may change. */
export type Value = null | boolean | number | string | Value[] | Node;
export interface Node {
  [key: string]: Value;
}

/** A list inside a document, and one of its entries. */
export interface Entry {
  readonly list: Value[];
  readonly index: number;
  readonly node: Node;
}

export function isNode(value: Value | undefined): value is Node {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The value under these keys. */
export function inside(value: Value | undefined, ...keys: readonly (string | number)[]): Value | undefined {
  return keys.reduce<Value | undefined>((node, key) => {
    if (Array.isArray(node)) return node[Number(key)];
    return isNode(node) ? node[key] : undefined;
  }, value);
}

/** A fault made to one entry of a list at a time, wherever lists have such entries. */
export function onEntries(
  name: string,
  isOne: (entry: Entry) => boolean,
  change: (entry: Entry) => void,
): Mutator {
  return { name, apply: (base) => places(base, (root) => entriesIn(root).filter(isOne), change) };
}

/** A fault made to one mapping at a time. */
export function onNodes(name: string, isOne: (node: Node) => boolean, change: (node: Node) => void): Mutator {
  return { name, apply: (base) => places(base, (root) => nodesIn(root).filter(isOne), change) };
}

/** A fault that takes a key out of one mapping at a time. */
export function withoutKey(name: string, key: string): Mutator {
  return onNodes(
    name,
    (node) => node[key] !== undefined,
    (node) => {
      delete node[key];
    },
  );
}

/** A fault made to all documents of a file. */
export function onDocuments(name: string, change: (documents: Value[]) => void): Mutator {
  return { name, apply: (base) => places(base, (root) => [root as Value[]], change) };
}

function places<T>(
  { files }: Base,
  find: (root: Value) => readonly T[],
  change: (place: T) => void,
): Base['files'][] {
  return Object.entries(files).flatMap(([file, text]) => {
    if (!/\.yaml$|^(?:ingress|sidecar) /.test(file)) return [];
    const plain = encode(decode(text));
    const count = find(decode(text)).length;
    return Array.from({ length: count }, (_, index) => {
      const root = decode(text);
      const place = find(root)[index];
      if (place !== undefined) change(place);
      const changed = encode(root);
      // A change that changes nothing is no fault; only the layout would differ.
      return { ...files, [file]: changed === plain ? text : changed };
    });
  });
}

/** The documents of a file; texts inside ConfigMaps are read as well. */
export function decode(text: string): Value[] {
  const documents = parseAllDocuments(text, YAML_OF_OTHERS);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: -1 }))) as Value;
    const data = inside(value, 'data');
    if (!isNode(value) || value['kind'] !== 'ConfigMap' || !isNode(data)) return value;
    for (const [key, inner] of Object.entries(data))
      if (typeof inner === 'string' && /^(?:lds|cds|rds|bootstrap|envoy).*\.yaml$/.test(key))
        data[key] = decode(inner)[0] ?? null;
    return value;
  });
}

export function encode(root: Value): string {
  return (root as Value[])
    .map((document) => {
      const data = inside(document, 'data');
      if (!isNode(document) || document['kind'] !== 'ConfigMap' || !isNode(data)) return document;
      const texts = Object.entries(data).map(([key, value]) => [
        key,
        isNode(value) ? writeYaml(value as JsonObject) : value,
      ]);
      return { ...document, data: Object.fromEntries(texts) };
    })
    .map((document) => writeYaml(document as JsonObject))
    .join('---\n');
}

function nodesIn(value: Value): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value, ...Object.values(value).flatMap(nodesIn)] : [];
}

function entriesIn(value: Value): Entry[] {
  if (Array.isArray(value)) {
    const own = value.flatMap((node, index) => (isNode(node) ? [{ list: value, index, node }] : []));
    return [...own, ...value.flatMap(entriesIn)];
  }
  return isNode(value) ? Object.values(value).flatMap(entriesIn) : [];
}
