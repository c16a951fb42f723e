import { problem, type SpecProblem } from './issues.ts';

/** Hosts are looked up; other entries are compared in pairs somewhere, and no real diversion has that many. */
const MAX_ENTRIES = 500;
const MAX_HOSTS = 20_000;

/** Lists and mappings with more entries than can be judged in a moment; nothing else is said of such a document. */
export function findOverlong(document: unknown, path: readonly PropertyKey[] = []): SpecProblem[] {
  if (document === null || typeof document !== 'object') return [];
  const entries = Object.entries(document);
  const max = path.join('.') === 'spec.hosts' ? MAX_HOSTS : MAX_ENTRIES;
  if (entries.length > max) {
    const message = `has ${entries.length} entries, and at most ${max} are read`;
    return [problem('out-of-range', path, { value: undefined, message, remedy: 'declare fewer' })];
  }
  return entries.flatMap(([key, value]) =>
    findOverlong(value, [...path, Array.isArray(document) ? Number(key) : key]),
  );
}
