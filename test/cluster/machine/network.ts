import { existsSync } from 'node:fs';
import { ClusterError } from '../cluster-error.ts';
import { run } from '../command.ts';

/** The addresses of one cluster; several may run on a machine, each with a number of its own. */
export interface Network {
  /** Name of the link in the host. */
  readonly name: string;
  readonly host: string;
  readonly node: string;
  readonly prefix: number;
  /** Further addresses of the host, for services that a test runs there at the ports that they really have. */
  readonly origins: readonly string[];
  readonly podRange: string;
  readonly serviceRange: string;
  /** First address of the service range: the API server's own. */
  readonly apiService: string;
}

const MOST = 9;
const FIRST_ORIGIN = 11;
const ORIGINS = 20;

export function networkOf(number: number): Network {
  return {
    name: `shunt${number}`,
    host: `10.213.${number}.1`,
    node: `10.213.${number}.2`,
    prefix: 24,
    origins: Array.from({ length: ORIGINS }, (_, index) => `10.213.${number}.${FIRST_ORIGIN + index}`),
    podRange: `10.214.${number}.0/24`,
    serviceRange: `10.215.${number}.0/24`,
    apiService: `10.215.${number}.1`,
  };
}

/** Links the host with the namespaces of that process under the first number that is free, and says so when it is taken. */
export async function connect(
  initPid: number,
  enter: readonly string[],
  taken: (network: Network) => void,
): Promise<Network> {
  const network = await link(initPid);
  taken(network);
  const [nsenter = '', ...inside] = enter;
  const addresses = [
    `${network.host}/${network.prefix}`,
    ...network.origins.map((address) => `${address}/32`),
  ];
  for (const address of addresses) await run('ip', ['address', 'add', address, 'dev', network.name]);
  await run('ip', ['link', 'set', network.name, 'up']);
  await run(nsenter, [...inside, 'ip', 'address', 'add', `${network.node}/${network.prefix}`, 'dev', 'eth0']);
  await run(nsenter, [...inside, 'ip', 'link', 'set', 'eth0', 'up']);
  await run(nsenter, [...inside, 'ip', 'route', 'add', 'default', 'via', network.host]);
  return network;
}

/** Makes the link under the first number that is free; another cluster may take one at the same moment. */
async function link(initPid: number): Promise<Network> {
  for (let number = 1; number <= MOST; number++) {
    const network = networkOf(number);
    if (isLink(network.name)) continue;
    const args = ['link', 'add', network.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${initPid}`];
    const failed = await run('ip', args).then(
      () => undefined,
      (error: Error) => error,
    );
    if (!failed) return network;
    if (!isLink(network.name)) throw failed;
  }
  throw new ClusterError(`${MOST} clusters run on this machine already`);
}

export function isLink(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}
