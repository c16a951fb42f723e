import { execFileSync } from 'node:child_process';

/** Where things are in the stage's own network. Kubernetes takes no loopback address for an endpoint. */
export const GATEWAY_ADDRESS = '10.213.0.20';
export const ROUTER_ADDRESS = '10.213.0.21';

/** Where a gateway's pod listens for what its Service calls 443. */
export const GATEWAY_PORT = 8443;

/** Where it listens for another port of that Service, since in the stage all addresses belong to one machine. */
export function gatewayPort(servicePort: number): number {
  return 10_000 + servicePort;
}

/** The address of the n-th Service's pod. */
export function podAddress(index: number): string {
  return `10.213.0.${30 + index}`;
}

/** Gives this network, which has nothing but loopback, those addresses. */
export function addAddresses(addresses: readonly string[]): void {
  for (const address of addresses) execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
}
