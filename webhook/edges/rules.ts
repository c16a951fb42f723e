import type { Problem } from '../core/problem.ts';
import type { Role } from '../core/role.ts';

/** A problem that a rule found in a declared diversion. Its code is in the catalogue of `spec`, or `spec` does not compile. */
export interface RuleProblem<Code extends string> extends Problem {
  readonly code: Code;
  readonly segments: readonly PropertyKey[];
}

/** Makes a problem; the dotted path is derived from its segments. */
export function problem<Code extends string>(
  code: Code,
  segments: readonly PropertyKey[],
  facts: Omit<Problem, 'code' | 'path'>,
): RuleProblem<Code> {
  return { code, segments, path: segments.map(String).join('.'), ...facts };
}

/** A document of which any part may be absent, so that rules can still be checked where the schema failed. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

/** What the rules of an edge look at, with the settings of that edge. */
export type EdgeSpec<Edges> = Loose<{
  readonly hosts: readonly string[];
  readonly targets: { readonly [Key in Role]?: TargetDocument | undefined };
  readonly upstreams: Readonly<Record<string, UpstreamDocument>>;
  readonly edges: Edges;
}>;

interface TargetDocument {
  readonly sni: string;
  readonly authority: string;
  readonly allow?: readonly unknown[] | undefined;
}

interface UpstreamDocument {
  readonly port: number;
  readonly target: Role;
}

/** The entries of a mapping that are there; none when the mapping itself is absent. */
export function entriesOf<T>(mapping: Readonly<Record<string, T | undefined>> | undefined): [string, T][] {
  return Object.entries(mapping ?? {}).flatMap(([key, value]): [string, T][] =>
    value === undefined || value === null ? [] : [[key, value]],
  );
}

/** The entries of a list that are there, each with its place. */
export function itemsOf<T>(list: readonly T[] | undefined): [number, T][] {
  const items: [number, T][] = [];
  list?.forEach((item, index) => {
    if (item !== undefined && item !== null) items.push([index, item]);
  });
  return items;
}
