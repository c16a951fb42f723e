/** A length of time in milliseconds; made only by {@link parseDuration} and {@link milliseconds}. */
export type Milliseconds = number & { readonly __unit: 'ms' };

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const FORM = /^(\d+(?:\.\d{1,3})?)(ms|s|m|h)$/;

/** The longest time that every dialect can carry: protobuf durations and Go durations both hold a year. */
const MAX_MS = 366 * 24 * UNIT_MS.h;

/** Marks a whole number of milliseconds as such. */
export function milliseconds(value: number): Milliseconds {
  return value as Milliseconds;
}

/** Reads `1202.5s`, `250ms`, `7m` or `1h`; undefined when the text is none of these, or longer than a year. */
export function parseDuration(text: string): Milliseconds | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const value = Math.round(Number(parts[1]) * UNIT_MS[parts[2] as keyof typeof UNIT_MS]);
  return value <= MAX_MS ? milliseconds(value) : undefined;
}

/** Writes a duration in seconds, the form that protobuf JSON and Go both read: `1202.5s`. */
export function formatSeconds(value: Milliseconds): string {
  return `${value / UNIT_MS.s}s`;
}
