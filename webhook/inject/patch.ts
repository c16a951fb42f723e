import jsonPatch, { type Operation } from 'fast-json-patch';
import type { Pod, PodSpec } from './pod.ts';

export type { Operation };

/** The lists that injection adds to without changing what is in them. */
const GROWING = ['initContainers', 'volumes'] as const;
type Growing = (typeof GROWING)[number];

/**
 * The JSON Patch (RFC 6902) that makes one pod of another. Both come from `inject`, which shares what it does not
 * change, and shared parts are passed over without a look: the cost is that of the change, not of the pod.
 */
export function patchBetween(before: Pod, after: Pod): Operation[] {
  if (before === after) return [];
  const { spec } = before;
  if (!spec || !after.spec) return jsonPatch.compare(before, after);
  const operations: Operation[] = [];
  const grown: Partial<Pick<PodSpec, Growing>> = {};
  for (const list of GROWING) {
    const insertions = growth(`/spec/${list}`, spec[list], after.spec[list]);
    if (!insertions) continue;
    operations.push(...insertions);
    Object.assign(grown, { [list]: after.spec[list] });
  }
  // What is left to compare is little: a list that grew at its front would differ everywhere, and what is new be copied.
  return [...operations, ...jsonPatch.compare({ ...before, spec: { ...spec, ...grown } }, after)];
}

/** How to make of one list another that holds it in one piece; undefined when it does not. */
function growth(
  path: string,
  before: readonly object[] | undefined,
  after: readonly object[] | undefined,
): Operation[] | undefined {
  if (!after || before === null) return undefined;
  if (before === undefined) return [{ op: 'add', path, value: after }];
  const [first] = before;
  const start = first === undefined ? 0 : after.indexOf(first);
  if (start < 0 || !before.every((item, index) => item === after[index + start])) return undefined;
  return after.flatMap((value, index): Operation[] =>
    index >= start && index < start + before.length ? [] : [{ op: 'add', path: `${path}/${index}`, value }],
  );
}
