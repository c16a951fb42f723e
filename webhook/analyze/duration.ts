import type { Json } from '../core/json.ts';

const PART = /(\d+(?:\.\d+)?)(ms|h|m|s)/gy;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a duration as protobuf, Go and the Gateway API write it (`1202.5s`, `20m2s500ms`); undefined when it is none. */
export function readMilliseconds(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' || value.replaceAll(PART, '') !== '' || value === '') return undefined;
  return [...value.matchAll(PART)].reduce(
    (sum, [, number = '0', unit = 's']) => sum + Number(number) * (UNIT_MS[unit] ?? 0),
    0,
  );
}
