import type { Mutator } from './fault.ts';

/** A fault that replaces a piece of text, at one of its places at a time. */
export function replaced(name: string, find: RegExp, put: string): Mutator {
  return {
    name,
    apply: ({ files }) =>
      Object.entries(files).flatMap(([file, text]) =>
        [...text.matchAll(new RegExp(find.source, 'gm'))].map(({ 0: found, index }) => {
          const changed = found.replace(new RegExp(find.source, 'm'), put);
          return { ...files, [file]: text.slice(0, index) + changed + text.slice(index + found.length) };
        }),
      ),
  };
}
