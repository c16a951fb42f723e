import type { Percent } from '../core/diversion.ts';

/** How many of a hundred requests are diverted, and how many are not; words where a template puts the numbers in. */
export interface Weights {
  readonly diverted: number | string;
  readonly rest: number | string;
}

const WHOLE = 100;

export function weightsOf(share: Percent): Weights {
  return { diverted: share, rest: WHOLE - share };
}
