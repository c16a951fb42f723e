import type { About } from './about.ts';
import { OBJECTS } from './objects.ts';
import { ROUTING } from './routing.ts';
import { SENDING } from './sending.ts';
import { TRUST } from './trust.ts';

/** Every check by its code, in the order of docs/checks.md. */
export const CATALOGUE = {
  ...ROUTING,
  ...SENDING,
  ...TRUST,
  ...OBJECTS,
} as const satisfies Readonly<Record<string, About>>;

/** Code of a check. A code that the catalogue does not have does not compile. */
export type CheckCode = keyof typeof CATALOGUE;
