import { type Milliseconds, milliseconds } from '../core/duration.ts';

const FIRST_MS = 200;
const LONGEST_MS = 30_000;

/** How long to wait after so many failures in a row: doubling up to 30 s, each time a random half less at most. */
export function backoff(failures: number, random: () => number): Milliseconds {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return milliseconds(Math.round(full * (0.5 + random() / 2)));
}
