import { isObject } from '../core/json.ts';
import { isOwnName } from './names.ts';
import type { PodTemplate } from './pod.ts';
import { isSame } from './same.ts';

/** Keys by which entries of lists in a pod are told apart, in the order in which they are tried. */
const IDENTITIES = ['name', 'mountPath', 'containerPort', 'key'] as const;

const OWN_LISTS = ['initContainers', 'containers', 'volumes'] as const;

/**
 * Whether a pod holds all that another does. What is ours must be exactly that; elsewhere more is allowed, also in
 * between and in front, since the API server adds defaults and other webhooks add parts.
 */
export function holdsAll(pod: PodTemplate, wanted: PodTemplate): boolean {
  return holds(pod.spec, wanted.spec) && holds(pod.metadata, wanted.metadata) && holdsOwn(pod, wanted);
}

function holdsOwn(pod: PodTemplate, wanted: PodTemplate): boolean {
  return OWN_LISTS.every((list) => {
    const own = (of: PodTemplate) => (of.spec?.[list] ?? []).filter(({ name }) => isOwnName(name));
    return isSame(own(pod), own(wanted));
  });
}

function holds(given: unknown, wanted: unknown): boolean {
  if (given === wanted || wanted === undefined) return true;
  if (Array.isArray(wanted)) return Array.isArray(given) && holdsItems(given, wanted);
  if (!isObject(wanted)) return false;
  return isObject(given) && Object.entries(wanted).every(([key, value]) => holds(given[key], value));
}

/** Every wanted entry is there, each as an entry of its own and in this order where a list names the same thing twice. */
function holdsItems(given: readonly unknown[], wanted: readonly unknown[]): boolean {
  const identity = identityOf(wanted);
  if (identity === undefined) {
    return given.length === wanted.length && wanted.every((item, index) => holds(given[index], item));
  }
  const present = new Map<unknown, unknown[]>();
  // From the back, so that the first of a name is the next to be taken.
  for (const item of given.toReversed()) {
    const key = isObject(item) ? item[identity] : undefined;
    const same = present.get(key);
    if (same) same.push(item);
    else present.set(key, [item]);
  }
  return wanted.every((item) => {
    const same = isObject(item) ? present.get(item[identity])?.pop() : undefined;
    return same !== undefined && holds(same, item);
  });
}

function identityOf(items: readonly unknown[]): string | undefined {
  return IDENTITIES.find(
    (key) => items.length > 0 && items.every((item) => isObject(item) && item[key] !== undefined),
  );
}
