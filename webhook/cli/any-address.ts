import type { NetworkInterfaceInfo } from 'node:os';

/**
 * The address that takes connections to any address of the host: with IPv6 the one that takes IPv4 too, so that a pod is
 * reached whichever family its cluster prefers. A host whose IPv6 is turned off has no such address and could not bind it.
 */
export function anyAddress(interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]>): string {
  const addresses = Object.values(interfaces).flatMap((known) => known ?? []);
  return addresses.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}
