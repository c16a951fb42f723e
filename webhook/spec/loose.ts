import type { Loose } from '../edges/rules.ts';
import type { SpecProblem } from './issues.ts';
import type { DiversionDocument } from './schema.ts';

/** A document of which any part may be absent, so that rules can still be checked where the schema failed. */
export type LooseDocument = Loose<DiversionDocument>;
export type LooseSpec = NonNullable<LooseDocument['spec']>;

/**
 * A copy of the document without the values that problems were found at: what is left has the right types.
 * Entries of lists leave a hole, so that the places of later entries stay right.
 */
export function without(document: unknown, problems: readonly SpecProblem[]): LooseDocument {
  const copy: unknown = structuredClone(document);
  for (const { segments } of problems) {
    const parent = segments.slice(0, -1).reduce<unknown>(child, copy);
    const key = segments.at(-1);
    if (key !== undefined && parent !== null && typeof parent === 'object')
      Reflect.deleteProperty(parent, key);
  }
  return copy as LooseDocument;
}

function child(node: unknown, key: PropertyKey): unknown {
  return node !== null && typeof node === 'object' ? Reflect.get(node, key) : undefined;
}
