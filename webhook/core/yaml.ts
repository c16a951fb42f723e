/**
 * How kubectl and Envoy read YAML, as options of the library: by version 1.1, in which `0444` is octal and `no` is
 * false, but without its times in base 60 and its dates, which neither of them knows: `6379:6379` is text.
 */
export const YAML_OF_OTHERS = {
  version: '1.1',
  merge: true,
  customTags: <Tag>(tags: readonly Tag[]): Tag[] => tags.filter((tag) => !isTime(tag)),
} as const;

const TIMESTAMP = 'tag:yaml.org,2002:timestamp';

function isTime(tag: unknown): boolean {
  if (tag === null || typeof tag !== 'object') return false;
  const { tag: name, format } = tag as { readonly tag?: string; readonly format?: string };
  return format === 'TIME' || name === TIMESTAMP;
}
