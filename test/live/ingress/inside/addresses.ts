import { execFileSync } from 'node:child_process';

/** Where things are in the stage's own network. Kubernetes takes no loopback address for an endpoint. */
export const GATEWAY_ADDRESS = '10.213.0.20';
export const ROUTER_ADDRESS = '10.213.0.21';

const MOST_GATEWAYS = 8;

/** The addresses of all gateways' pods; the first is the one that requests are sent to, as all listen on any. */
export const GATEWAY_ADDRESSES = [
  GATEWAY_ADDRESS,
  ...Array.from({ length: MOST_GATEWAYS - 1 }, (_, index) => `10.213.0.${101 + index}`),
];

/** Where a gateway's pod listens for what its Service calls 443. */
export const GATEWAY_PORT = 8443;

/** Where it listens for a port of its Service, since in the stage all addresses belong to one machine. */
export function gatewayPort(servicePort: number): number {
  return servicePort === 443 ? GATEWAY_PORT : 10_000 + servicePort;
}

/** The address of the n-th Service's pod. */
export function podAddress(index: number): string {
  return `10.213.0.${30 + index}`;
}

/** Gives this network, which has nothing but loopback, those addresses. */
export function addAddresses(addresses: readonly string[]): void {
  for (const address of addresses) execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
}
