import type { Server, Socket } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A network as the library reads it: an address and the length of its prefix. */
export type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Reads `10.64.0.0/22`; undefined where it is not a network. */
export function readNetwork(text: string): Network | undefined {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

/** Closes connections from elsewhere before anything is read from them. */
export function admitOnly(server: Server, networks: readonly Network[]): void {
  // First, so that what is not admitted is not counted among the connections either.
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || !isWithin(networks, remoteAddress)) socket.destroy();
  });
}

function isWithin(networks: readonly Network[], text: string): boolean {
  // An IPv4 client of a socket that listens on both families has an address of IPv6.
  const address = ipaddr.process(text);
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}
