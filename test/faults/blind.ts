import type { Base, Fault } from './fault.ts';
import { decode, encode, isNode, type Node, type Value } from './tree.ts';

/** One change in a document that means nothing in particular. */
interface Change {
  readonly what: string;
  readonly make: () => void;
}

const NAMES = new Set(['name', 'cluster_name', '@type', 'metadata']);

/**
 * Faults that nobody thought of: in all that a diversion added, each key and each entry taken away, each value changed,
 * every `step`-th of them. Many do no harm; what they do is for a proxy to say.
 */
export function blindFaults(base: Base, step: number): Fault[] {
  return Object.entries(base.files).flatMap(([file, text]) => {
    const all = changesIn(decode(text));
    return all
      .map((_, index) => index)
      .filter((index) => index % step === 0)
      .flatMap((index): Fault[] => {
        const root = decode(text);
        const change = changesIn(root)[index];
        change?.make();
        return change
          ? [{ ...base, files: { ...base.files, [file]: encode(root) }, fault: change.what }]
          : [];
      });
  });
}

function changesIn(root: Value): Change[] {
  return ownedNodes(root).flatMap((node) => changesOf(node, String(node['name'])));
}

/** The routes and clusters that the diversion added. */
function ownedNodes(value: Value): Node[] {
  if (Array.isArray(value)) return value.flatMap(ownedNodes);
  if (!isNode(value)) return [];
  const isOwned = JSON.stringify(value['metadata'] ?? '').includes('shunt.wikimedia.org');
  return isOwned ? [value] : Object.values(value).flatMap(ownedNodes);
}

function changesOf(node: Node, place: string): Change[] {
  return Object.entries(node)
    .filter(([key]) => !NAMES.has(key))
    .flatMap(([key, value]) => {
      const here = `${place}.${key}`;
      const removal = { what: `${here} is gone`, make: () => void delete node[key] };
      return [removal, ...(Array.isArray(value) ? inList(value, here) : inValue(node, key, here))];
    });
}

function inList(list: Value[], place: string): Change[] {
  return list.flatMap((entry, index) => {
    const here = `${place}[${index}]`;
    const removal = { what: `${here} is gone`, make: () => void list.splice(index, 1) };
    return [removal, ...(isNode(entry) ? changesOf(entry, here) : [])];
  });
}

function inValue(node: Node, key: string, place: string): Change[] {
  const value = node[key];
  if (isNode(value)) return changesOf(value, place);
  const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value}x`;
  const changed = typeof value === 'string' && /^[\d.]+s$/.test(value) ? '1s' : other;
  const make = (): void => {
    node[key] = changed;
  };
  return [{ what: `${place} is ${JSON.stringify(changed)}`, make }];
}
