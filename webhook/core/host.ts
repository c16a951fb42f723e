/** A host name in canonical form: lower case, no port, no trailing dot. Made only by {@link hostOf} and the parser. */
export type Host = string & { readonly __brand: 'Host' };

/** Whether an address is an IP address, and so no name that a certificate could be verified by. */
export function isIpAddress(address: string): boolean {
  return /^[0-9.]+$|:/.test(address);
}

/** One `:port` (RFC 3986 lets the digits be absent), behind at most one trailing dot. */
const DECORATION = /\.?(?::[0-9]*)?$/;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * The host that an HTTP authority names, in canonical form; undefined when it names none.
 * Case, a port and one trailing dot do not matter; nothing else is forgiven.
 * Only ASCII is folded: the Kelvin sign is no `k`, whatever `toLowerCase` says.
 */
export function hostOf(authority: string): Host | undefined {
  if (!PRINTABLE_ASCII.test(authority)) return undefined;
  const bare = authority.replace(DECORATION, '').toLowerCase();
  return bare === '' ? undefined : (bare as Host);
}
