import type { X509Certificate } from 'node:crypto';
import { type Authorities, type Authority, isDue, isSettled, type Overlap } from './authorities.ts';
import { trusts } from './bundle.ts';
import type { Issued } from './certificates.ts';

/** The certificate that one replica serves with, in memory alone. */
export interface Leaf extends Issued {
  /** Certificate (PEM) of the authority that signed it. */
  readonly issuer: string;
  readonly bornMs: number;
  readonly endsMs: number;
}

/**
 * The authority by which a new leaf must be issued now; undefined while the current one will do. A new authority signs
 * once every API server has had time to trust it; a leaf that is no longer trusted is replaced at once. One that is
 * due but trusted serves to its end while the authority that would sign the next is not trusted: others may have
 * deleted the Secret just then.
 */
export function nextSigner(
  current: Leaf | undefined,
  authorities: Authorities,
  live: readonly X509Certificate[],
  { nowMs, settle }: Overlap & { readonly nowMs: number },
): Authority | undefined {
  const { newest, previous } = authorities;
  if (isSettled(authorities, nowMs, { settle }) && trusts(live, newest.cert)) {
    return current?.issuer === newest.cert && !isDue(current, nowMs) ? undefined : newest;
  }
  const preferred = previous && trusts(live, previous.cert) ? previous : newest;
  if (current && trusts(live, current.issuer)) {
    const isBetter = isDue(current, nowMs) && trusts(live, preferred.cert);
    if (!isBetter && current.endsMs > nowMs) return undefined;
  }
  return current?.issuer === preferred.cert && !isDue(current, nowMs) ? undefined : preferred;
}
