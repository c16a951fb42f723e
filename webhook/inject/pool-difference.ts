import { isDeepStrictEqual } from 'node:util';
import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { CallerPool } from '../core/diversion.ts';
import { isObject } from '../core/json.ts';
import { mergedValue } from './yaml-values.ts';

/** A place in the text before it was edited. */
export interface PoolDifference {
  readonly offset: number;
  readonly message: string;
}

export interface Before {
  readonly document: Document;
  /** Mappings that hold a captured address. */
  readonly captured: ReadonlySet<YAMLMap>;
}

/** The first place where the edited document means something else, beyond the limit in captured mappings. */
export function findPoolDifference(
  before: Before,
  after: Document | undefined,
  pool: CallerPool,
): PoolDifference | undefined {
  const { contents } = before.document;
  const comparison = new Comparison(before, after ?? before.document, pool);
  return after ? comparison.ofNodes(contents, after.contents) : comparison.layout(contents);
}

class Comparison {
  readonly #before: Before;
  readonly #after: Document;
  readonly #pool: CallerPool;
  readonly #top: string;
  readonly #rest: readonly string[];

  constructor(before: Before, after: Document, pool: CallerPool) {
    this.#before = before;
    this.#after = after;
    this.#pool = pool;
    [this.#top = '', ...this.#rest] = pool.key.split('.');
  }

  layout(node: unknown): PoolDifference {
    const message = `${this.#pool.key} cannot be added to text that is laid out like this`;
    return { offset: offsetOf(node), message };
  }

  ofNodes(was: unknown, is: unknown): PoolDifference | undefined {
    if (isPair(was) && isPair(is)) return this.ofNodes(was.key, is.key) ?? this.ofNodes(was.value, is.value);
    if (anchorOf(was) !== anchorOf(is)) return this.layout(was);
    if (isMap(was) && isMap(is)) return this.#ofMaps(was, is);
    if (isSeq(was) && isSeq(is)) return this.#ofItems(was, was.items, is.items);
    return sourceOf(was) === sourceOf(is) ? undefined : this.layout(was);
  }

  #ofItems(parent: unknown, was: readonly unknown[], is: readonly unknown[]): PoolDifference | undefined {
    if (was.length !== is.length) return this.layout(parent);
    for (const [index, item] of was.entries()) {
      const difference = this.ofNodes(item, is[index]);
      if (difference) return difference;
    }
    return undefined;
  }

  #ofMaps(was: YAMLMap, is: YAMLMap): PoolDifference | undefined {
    const old = mergedValue(was, this.#top, this.#before.document);
    const now = mergedValue(is, this.#top, this.#after);
    if (!this.#before.captured.has(was)) {
      if (isDeepStrictEqual(old, now)) return this.#ofItems(was, was.items, is.items);
      const message = `the mapping shares ${this.#top} with that of a captured address, and would be changed too`;
      return { offset: offsetOf(was), message };
    }
    const raised = Number(leafOf(now, this.#rest)) >= this.#pool.atLeast;
    const kept = isDeepStrictEqual(withoutLeaf(old, this.#rest), withoutLeaf(now, this.#rest));
    if (!raised || !kept) return this.layout(was);
    const others = (map: YAMLMap) =>
      map.items.filter(({ key }) => !(isScalar(key) && key.value === this.#top));
    return this.#ofItems(was, others(was), others(is));
  }
}

function anchorOf(node: unknown): string | undefined {
  return isScalar(node) || isCollection(node) ? node.anchor : undefined;
}

/** The text of a scalar or an alias; null for a value that is left out. */
function sourceOf(node: unknown): string | null | undefined {
  if (node === null) return null;
  return isScalar(node) || isAlias(node) ? node.source : undefined;
}

function leafOf(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((current, key) => (isObject(current) ? current[key] : undefined), value);
}

/** What stays when the limit is taken out, with the mappings that hold nothing else. */
function withoutLeaf(value: unknown, keys: readonly string[]): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return undefined;
  if (!isObject(value)) return value;
  const { [key]: inner, ...others } = value;
  const left = withoutLeaf(inner, rest);
  const whole = left === undefined ? others : { ...others, [key]: left };
  return Object.keys(whole).length > 0 ? whole : undefined;
}

function offsetOf(node: unknown): number {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && node.range ? node.range[0] : 0;
}
