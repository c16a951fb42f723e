import type { Milliseconds } from '../../../core/duration.ts';

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Writes a duration as the Gateway API has it (GEP-2257): whole numbers with units, `20m2s500ms`. */
export function gatewayDuration(value: Milliseconds): string {
  let rest: number = value;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
