/**
 * How kubectl and Envoy read YAML, as options of the library: by version 1.1, in which `0444` is octal and `no` is
 * false, but without its times in base 60 and its dates, which neither of them knows: `6379:6379` is text.
 */
export const YAML_OF_OTHERS = {
  version: '1.1',
  merge: true,
  uniqueKeys: false,
  customTags: <Tag>(tags: readonly Tag[]): Tag[] => tags.filter((tag) => !isTime(tag)),
} as const;

const TIMESTAMP = 'tag:yaml.org,2002:timestamp';

function isTime(tag: unknown): boolean {
  if (tag === null || typeof tag !== 'object') return false;
  const { tag: name, format } = tag as { readonly tag?: string; readonly format?: string };
  return format === 'TIME' || name === TIMESTAMP;
}

/** What is wrong with a text of YAML, and the offset in the text at which it is. */
export interface YamlError {
  readonly message: string;
  readonly offset: number;
}

/** A document as the library reads it with `uniqueKeys: false`, as far as it is looked at here. */
interface Parsed {
  readonly errors: readonly { readonly message: string; readonly pos: readonly [number, number] }[];
  readonly contents: unknown;
}

/**
 * The errors of a document, keys that are repeated in a mapping included: the library compares each key with all those
 * before it, which takes a minute for the keys that fit into a ConfigMap.
 */
export function yamlErrors({ errors, contents }: Parsed): readonly YamlError[] {
  const own = errors.map(({ message, pos: [offset] }) => ({
    message: message.includes('call stack') ? 'it is nested too deep' : message,
    offset,
  }));
  return [...own, ...repeatedKeys(contents)];
}

/** A mapping, a sequence, a pair or a scalar of the library. */
interface YamlNode {
  readonly items?: readonly YamlNode[];
  readonly key?: YamlNode | null;
  readonly value?: unknown;
  readonly range?: readonly number[] | null;
}

function repeatedKeys(contents: unknown): YamlError[] {
  const found: YamlError[] = [];
  const waiting = [contents].filter(isNode);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { items = [], key, value } = node;
    waiting.push(...[key, value].filter(isNode));
    const seen = new Set<unknown>();
    for (const item of items) {
      waiting.push(item);
      if (!item.key || item.key.items || !('value' in item.key)) continue;
      if (seen.has(item.key.value))
        found.push({ message: 'Map keys must be unique', offset: item.key.range?.[0] ?? 0 });
      seen.add(item.key.value);
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}

function isNode(value: unknown): value is YamlNode {
  return typeof value === 'object' && value !== null;
}
