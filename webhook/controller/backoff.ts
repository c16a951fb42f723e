import { type Milliseconds, milliseconds } from '../core/duration.ts';

const FIRST_MS = 200;
const MAX_MS = 30_000;

/** How long to wait after so many failures in a row: doubling up to the longest, each time a random half less at most. */
export function backoff(failures: number, random: () => number, maxMs = MAX_MS): Milliseconds {
  const full = Math.min(maxMs, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return milliseconds(Math.round(full * (0.5 + random() / 2)));
}
