import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { anyAddress } from '../../webhook/cli/any-address.ts';

const V4 = { family: 'IPv4', address: '10.0.0.1' } as never;
const V6 = { family: 'IPv6', address: 'fd00::1' } as never;

it.each([
  [{ lo: [V4] }, '0.0.0.0'],
  [{}, '0.0.0.0'],
  [{ lo: [V4, V6] }, '::'],
  [{ lo: [V6] }, '::'],
])('the address for all of %j is %s', (interfaces, address) => {
  expect(anyAddress(interfaces)).toBe(address);
});

it('takes connections to every loopback address of this host', async () => {
  const server = net.createServer((socket) => socket.end()).listen(0, anyAddress(networkInterfaces()));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const loopbacks = (networkInterfaces()['lo'] ?? []).map(({ address }) => address);
  for (const host of new Set(['127.0.0.1', ...loopbacks])) {
    const socket = net.connect({ host, port });
    await once(socket, 'connect');
    socket.destroy();
  }
  server.close();
});
