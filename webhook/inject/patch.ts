import jsonPatch, { type Operation } from 'fast-json-patch';
import type { Container, Pod } from './pod.ts';

export type { Operation };

/**
 * The JSON Patch (RFC 6902) that makes one pod of another. Both come from `inject`, which shares what it does not
 * change, and shared parts are passed over without a look: the cost is that of the change, not of the pod.
 */
export function patchBetween(before: Pod, after: Pod): Operation[] {
  if (before === after) return [];
  const added = prepended(before.spec?.initContainers, after.spec?.initContainers);
  if (added.length === 0 || !before.spec) return jsonPatch.compare(before, after);
  // Entry by entry, a list that grew at its front would differ everywhere.
  const insertions = added.map(
    (value, index): Operation => ({ op: 'add', path: `/spec/initContainers/${index}`, value }),
  );
  const moved = { ...before, spec: { ...before.spec, initContainers: after.spec?.initContainers ?? [] } };
  return [...insertions, ...jsonPatch.compare(moved, after)];
}

/** What stands in front of an otherwise unchanged, non-empty list. */
function prepended(
  before: readonly Container[] | undefined,
  after: readonly Container[] | undefined,
): Container[] {
  if (!before || !after || before.length === 0) return [];
  const count = after.length - before.length;
  const same = count > 0 && before.every((container, index) => container === after[index + count]);
  return same ? after.slice(0, count) : [];
}
