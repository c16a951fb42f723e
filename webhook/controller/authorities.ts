import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Milliseconds } from '../core/duration.ts';
import type { JsonObject } from '../core/json.ts';
import { BACKDATE_MS, type Issued } from './certificates.ts';

/** When something was made, and when it ends, in milliseconds since 1970. */
export interface Life {
  readonly bornMs: number;
  readonly endsMs: number;
}

/** A certificate authority of ours. */
export interface Authority extends Issued, Life {}

/** What the Secret holds: the authority that signs, and the one that it took over from while both are trusted. */
export interface Authorities {
  readonly newest: Authority;
  readonly previous?: Authority;
}

/** Subject of every authority of ours; it tells our certificates in a caBundle from those of others. */
export function authorityName(service: string, namespace: string): string {
  return `shunt ${service}.${namespace}`.slice(0, 64);
}

const KEYS = {
  newest: { cert: 'ca.crt', key: 'ca.key' },
  previous: { cert: 'previous.crt', key: 'previous.key' },
} as const;

/** Reads the Secret's data; undefined when it holds no authority that can sign, whatever the reason. */
export function readAuthorities(data: JsonObject, nowMs: number): Authorities | undefined {
  const newest = readAuthority(data, KEYS.newest, nowMs);
  if (!newest) return undefined;
  const previous = readAuthority(data, KEYS.previous, nowMs);
  return previous ? { newest, previous } : { newest };
}

function readAuthority(
  data: JsonObject,
  { cert, key }: { readonly cert: string; readonly key: string },
  nowMs: number,
): Authority | undefined {
  const authority = parseAuthority({ cert: decode(data[cert]), key: decode(data[key]) });
  // A CA with a future notBefore came from a wrong clock; clients reject what it signs.
  const isValid = authority && authority.bornMs - BACKDATE_MS <= nowMs && nowMs < authority.endsMs;
  return isValid ? authority : undefined;
}

function decode(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

/** Undefined when the two do not belong together or are no authority. */
export function parseAuthority(issued: Issued): Authority | undefined {
  try {
    const certificate = new X509Certificate(issued.cert);
    if (!certificate.ca || !certificate.checkPrivateKey(createPrivateKey(issued.key))) return undefined;
    return { ...issued, ...lifeOf(certificate) };
  } catch {
    return undefined;
  }
}

/** The life of a certificate that we made. */
export function lifeOf({ validFromDate, validToDate }: X509Certificate): Life {
  return { bornMs: validFromDate.getTime() + BACKDATE_MS, endsMs: validToDate.getTime() };
}

/** The Secret's data for these authorities. */
export function writeAuthorities({ newest, previous }: Authorities): JsonObject {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return {
    [KEYS.newest.cert]: encode(newest.cert),
    [KEYS.newest.key]: encode(newest.key),
    ...(previous && {
      [KEYS.previous.cert]: encode(previous.cert),
      [KEYS.previous.key]: encode(previous.key),
    }),
  };
}

const RENEWED_AFTER = 2 / 3;

/** Whether two thirds of its life are over, by the wall clock, as cert-manager renews. */
export function isDue({ bornMs, endsMs }: Life, nowMs: number): boolean {
  return nowMs >= bornMs + (endsMs - bornMs) * RENEWED_AFTER;
}

/** How long a new authority is only trusted before it signs: until every API server has seen it, and then some. */
export interface Overlap {
  readonly settle: Milliseconds;
}

/** After so many times the settling, every replica signs by the newest, and the one before is trusted no more. */
const TRUSTED_TIMES = 10;
/** And after so many it is not added anew: a replica whose clock is behind must not undo what another has done. */
const ADDED_TIMES = 5;

export function isSettled({ newest }: Authorities, nowMs: number, { settle }: Overlap): boolean {
  return nowMs >= newest.bornMs + settle;
}

/** Whether an authority is so new that not every replica may know of it, and that those before it are still trusted. */
export function overlaps({ bornMs }: Life, nowMs: number, { settle }: Overlap): boolean {
  return nowMs < bornMs + settle * TRUSTED_TIMES;
}

/** Whether it is so new that the one before it must be trusted. */
export function takesOver({ bornMs }: Life, nowMs: number, { settle }: Overlap): boolean {
  return nowMs < bornMs + settle * ADDED_TIMES;
}
