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
  const waiting = byIdentity(given, identity);
  return wanted.every((item) => {
    const own = waiting.get(isObject(item) ? item[identity] : undefined);
    const next = own?.items[own.taken++];
    return next !== undefined && holds(next, item);
  });
}

/** Entries that are named the same, and how many of them were compared. */
interface Namesakes {
  readonly items: unknown[];
  taken: number;
}

function byIdentity(items: readonly unknown[], key: string): ReadonlyMap<unknown, Namesakes> {
  const found = new Map<unknown, Namesakes>();
  for (const item of items) {
    if (!isObject(item)) continue;
    const same = found.get(item[key]) ?? { items: [], taken: 0 };
    same.items.push(item);
    found.set(item[key], same);
  }
  return found;
}

function identityOf(items: readonly unknown[]): string | undefined {
  return IDENTITIES.find(
    (key) => items.length > 0 && items.every((item) => isObject(item) && item[key] !== undefined),
  );
}
