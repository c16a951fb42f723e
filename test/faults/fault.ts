/** Files of one edge, by name, as they should be. */
export interface Base {
  /** What the score is told by. */
  readonly edge: string;
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The same files with one thing wrong. */
export interface Fault extends Base {
  /** What was done, and where. */
  readonly fault: string;
}

/** One kind of fault: every way to make it in these files. */
export interface Mutator {
  readonly name: string;
  readonly apply: (base: Base) => readonly Base['files'][];
}

/** Where a kind of fault can be made in many places, the first, the middle and the last stand for all. */
const MOST_PLACES = 3;

/** Every fault of these kinds in these files, in a fixed order. */
export function faultsOf(base: Base, mutators: readonly Mutator[]): Fault[] {
  return mutators.flatMap(({ name, apply }) => {
    const places = apply(base).filter((files) => JSON.stringify(files) !== JSON.stringify(base.files));
    return spread(places).map((files, index) => ({ ...base, files, fault: `${name} (${index + 1})` }));
  });
}

function spread<T>(items: readonly T[]): T[] {
  if (items.length <= MOST_PLACES) return [...items];
  return [0, Math.floor(items.length / 2), items.length - 1].flatMap((index) => items[index] ?? []);
}
