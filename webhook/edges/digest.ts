import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../core/json.ts';

const DIGEST_LENGTH = 12;

/** A short digest of plain data, 12 hexadecimal digits; the order of keys does not matter. */
export function digest(value: Json | undefined): string {
  return hash('sha256', JSON.stringify(sorted(value)), 'hex').slice(0, DIGEST_LENGTH);
}

function sorted(value: Json | undefined): Json {
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
