import { decode, encode, isNode, type Node, type Value } from './tree.ts';

/** One thing that can be made wrong in a text. */
export interface Alteration {
  readonly what: string;
  /** The text with it. */
  readonly make: () => string;
}

/** One change in a document that means nothing in particular. */
interface Change {
  readonly what: string;
  readonly make: () => void;
}

/**
 * Every fault of a kind in what a YAML text has beyond another: each key and each entry taken away, each value changed,
 * each entry put behind its neighbour.
 */
export function treeFaults(text: string, untouched: string): Alteration[] {
  const before = decode(untouched);
  const make = (index: number): string => {
    const root = decode(text);
    changesIn(root, before)[index]?.make();
    return encode(root);
  };
  return changesIn(decode(text), before).map(({ what }, index) => ({ what, make: () => make(index) }));
}

function changesIn(root: Value[], before: readonly Value[]): Change[] {
  return inList(root, before, '');
}

/** Changes of what a mapping has beyond what it was, or of all of it where it was not. */
function inNode(node: Node, was: Value | undefined, place: string): Change[] {
  const old = isNode(was) ? was : {};
  return Object.entries(node).flatMap(([key, value]) => {
    const here = place === '' ? key : `${place}.${key}`;
    if (isSame(value, old[key])) return [];
    const set = (changed: Value): void => {
      node[key] = changed;
    };
    const removal = { what: `${here} is gone`, make: () => void delete node[key] };
    return [...(old[key] === undefined ? [removal] : []), ...inValue(value, old[key], { here, set })];
  });
}

function inList(list: Value[], was: readonly Value[], place: string): Change[] {
  const kept = new Set(was.map((entry) => JSON.stringify(entry)));
  return list.flatMap((entry, index) => {
    if (kept.has(JSON.stringify(entry))) return [];
    const set = (changed: Value): void => {
      list[index] = changed;
    };
    const name = nameOf(entry);
    const here = `${place}[${name === undefined ? index : `${index} ${name}`}]`;
    const twin = list.length === was.length ? was[index] : undefined;
    const old = name === undefined ? twin : was.find((other) => nameOf(other) === name);
    const inside = inValue(entry, old, { here, set });
    if (old !== undefined) return inside;
    const removal = { what: `${here} is gone`, make: () => void list.splice(index, 1) };
    const swap = {
      what: `${here} is behind the next`,
      make: () => void list.splice(index, 2, ...list.slice(index, index + 2).reverse()),
    };
    return [removal, ...(index + 1 < list.length ? [swap] : []), ...inside];
  });
}

interface Place {
  readonly here: string;
  readonly set: (value: Value) => void;
}

function inValue(value: Value, was: Value | undefined, { here, set }: Place): Change[] {
  if (isNode(value)) return inNode(value, was, here);
  if (Array.isArray(value)) return inList(value, Array.isArray(was) ? was : [], here);
  const changed = otherThan(value);
  return [{ what: `${here} is ${JSON.stringify(changed)}`, make: () => set(changed) }];
}

function otherThan(value: boolean | number | string | null): Value {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return typeof value === 'string' && /^[\d.]+s$/.test(value) && value !== '1s' ? '1s' : `${value}x`;
}

/** What tells an entry from its neighbours, and an object of Kubernetes from the others. */
function nameOf(value: Value | undefined): string | undefined {
  if (!isNode(value)) return undefined;
  const { name, kind, metadata } = value;
  if (typeof name === 'string') return name;
  const own = isNode(metadata) ? metadata['name'] : undefined;
  return typeof kind === 'string' && typeof own === 'string' ? `${kind} ${own}` : undefined;
}

function isSame(a: Value, b: Value | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
