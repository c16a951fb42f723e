import type { PodTemplate } from './pod.ts';

/** Keys by which entries of lists in a pod are told apart, in the order in which they are tried. */
const IDENTITIES = ['name', 'mountPath', 'containerPort', 'key'] as const;

/**
 * Whether a pod holds all that another does: the same values, and in lists of named things the same entries in the
 * same order. More is allowed everywhere, since the API server adds defaults and other webhooks add parts.
 */
export function holdsAll(pod: PodTemplate, wanted: PodTemplate): boolean {
  return holds(pod.spec, wanted.spec) && holds(pod.metadata, wanted.metadata);
}

function holds(given: unknown, wanted: unknown): boolean {
  if (given === wanted || wanted === undefined) return true;
  if (Array.isArray(wanted)) return Array.isArray(given) && holdsItems(given, wanted);
  if (!isRecord(wanted)) return false;
  return isRecord(given) && Object.entries(wanted).every(([key, value]) => holds(given[key], value));
}

/** Every wanted entry is there, each behind the one before it. */
function holdsItems(given: readonly unknown[], wanted: readonly unknown[]): boolean {
  const identity = identityOf(wanted);
  if (identity === undefined) {
    return given.length === wanted.length && wanted.every((item, index) => holds(given[index], item));
  }
  let position = 0;
  return wanted.every((item) => {
    const found = given.findIndex((other, index) => index >= position && sameIdentity(other, item, identity));
    position = found + 1;
    return found >= 0 && holds(given[found], item);
  });
}

function identityOf(items: readonly unknown[]): string | undefined {
  return IDENTITIES.find(
    (key) => items.length > 0 && items.every((item) => isRecord(item) && item[key] !== undefined),
  );
}

function sameIdentity(a: unknown, b: unknown, key: string): boolean {
  return isRecord(a) && isRecord(b) && a[key] === b[key];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
