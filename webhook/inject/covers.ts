import { isObject } from '../core/json.ts';
import type { PodTemplate } from './pod.ts';

/** Keys by which entries of lists in a pod are told apart, in the order in which they are tried. */
const IDENTITIES = ['name', 'mountPath', 'containerPort', 'key'] as const;

/**
 * Whether a pod holds all that another does: the same values, and in lists of named things the same entries. More is
 * allowed everywhere, also in between and in front, since the API server adds defaults and other webhooks add parts.
 */
export function holdsAll(pod: PodTemplate, wanted: PodTemplate): boolean {
  return holds(pod.spec, wanted.spec) && holds(pod.metadata, wanted.metadata);
}

function holds(given: unknown, wanted: unknown): boolean {
  if (given === wanted || wanted === undefined) return true;
  if (Array.isArray(wanted)) return Array.isArray(given) && holdsItems(given, wanted);
  if (!isObject(wanted)) return false;
  return isObject(given) && Object.entries(wanted).every(([key, value]) => holds(given[key], value));
}

/** Every wanted entry is there, each as an entry of its own: a list may name the same thing twice. */
function holdsItems(given: readonly unknown[], wanted: readonly unknown[]): boolean {
  const identity = identityOf(wanted);
  if (identity === undefined) {
    return given.length === wanted.length && wanted.every((item, index) => holds(given[index], item));
  }
  const taken = new Set<number>();
  return wanted.every((item) => {
    const index = given.findIndex((other, at) => !taken.has(at) && sameIdentity(other, item, identity));
    taken.add(index);
    return index >= 0 && holds(given[index], item);
  });
}

function identityOf(items: readonly unknown[]): string | undefined {
  return IDENTITIES.find(
    (key) => items.length > 0 && items.every((item) => isObject(item) && item[key] !== undefined),
  );
}

function sameIdentity(a: unknown, b: unknown, key: string): boolean {
  return isObject(a) && isObject(b) && a[key] === b[key];
}
