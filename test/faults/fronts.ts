import { found } from '../fixtures/read.ts';
import type { Base, Mutator } from './fault.ts';
import { type Entry, type Node, onEntries } from './tree.ts';

/** The file with what topology `ingress-all` adds; those beside it stay as they are. */
export const ADDED = 'ingress added';

/** The same faults, made in that file alone. */
export function inAdded({ name, apply }: Mutator): Mutator {
  return {
    name,
    apply: ({ files, ...base }) => {
      const own = { [ADDED]: found(files[ADDED], ADDED) };
      return apply({ ...base, files: own }).map((changed) => ({ ...files, ...changed }));
    },
  };
}

/** Configurations that divert what the ingress diverts, beside its objects. */
export function beside(others: Readonly<Record<string, Base['files']>>): Mutator[] {
  return Object.entries(others).map(([what, added]) => ({
    name: `diverted twice: ${what}`,
    apply: ({ files }) => [{ ...files, ...added }],
  }));
}

/** A fault made to one route, or rule, at a time. */
export function onRoutes(
  name: string,
  isOne: (entry: Entry) => boolean,
  change: (route: Node) => void,
): Mutator {
  return onEntries(name, isOne, ({ node }) => change(node));
}
