import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import forge from 'node-forge';
import { afterEach, describe, expect, it } from 'vitest';
import type { Issued } from '../../webhook/controller/certificates.ts';
import { linesOf, shunt, temporaryFolder } from '../cli/run.ts';
import { found } from '../fixtures/read.ts';
import { type ServerProcess, serveProcess } from './process.ts';
import { issue, review, send } from './serving.ts';

let server: ServerProcess | undefined;
afterEach(() => server?.stop());

const body = JSON.stringify(review());
const HOUR_MS = 3_600_000;

/** A certificate for a client, such as an API server has. */
function issueClient(authority: Issued): { cert: string; key: string } {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - HOUR_MS);
  certificate.validity.notAfter = new Date(Date.now() + HOUR_MS);
  certificate.setSubject([{ name: 'commonName', value: 'kube-apiserver' }]);
  certificate.setIssuer(forge.pki.certificateFromPem(authority.cert).subject.attributes);
  certificate.setExtensions([{ name: 'extKeyUsage', clientAuth: true }]);
  certificate.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: forge.pki.privateKeyToPem(keys.privateKey) };
}

describe('--client-network', () => {
  it.each(['127.0.0.0/8', '::/0', '10.0.0.0/8'])(
    '%s',
    async (network) => {
      server = await serveProcess(temporaryFolder(), ['--client-network', network]);
      if (network === '127.0.0.0/8') {
        expect((await send(server, { body })).status).toBe(200);
        return;
      }
      await expect(send(server, { body })).rejects.toThrow();
      const socket = net.connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'close');
      // Health is for others to ask.
      expect((await fetch(`http://127.0.0.1:${server.metricsPort}/readyz`)).status).toBe(200);
    },
    20_000,
  );

  it('more than one may be given', async () => {
    const networks = ['--client-network', '10.0.0.0/8', '--client-network', '127.0.0.1/32'];
    server = await serveProcess(temporaryFolder(), networks);
    expect((await send(server, { body })).status).toBe(200);
  });

  it('that is not a network is refused', async () => {
    const { code, error } = await shunt(['serve', '--standalone', '--client-network', '10.0.0.0/33']);
    expect([code, error]).toEqual([
      2,
      expect.stringContaining('write an address and the length of its prefix'),
    ]);
  });
});

describe('--client-ca', () => {
  it('lets in who has a certificate of that authority, and nobody else', async () => {
    const folder = temporaryFolder();
    const { authority } = await issue();
    const client = issueClient(authority);
    writeFileSync(path.join(folder, 'clients.crt'), authority.cert);
    server = await serveProcess(folder, ['--client-ca', path.join(folder, 'clients.crt')]);
    const stranger = issueClient((await issue()).authority);
    const asking = (pair: object) => send(found(server), { body, agent: new https.Agent(pair) });
    expect((await asking(client)).status).toBe(200);
    await expect(asking({})).rejects.toThrow();
    await expect(asking(stranger)).rejects.toThrow();
  }, 20_000);

  it('that holds no certificate is refused', async () => {
    const folder = temporaryFolder();
    const own = ['--self-signed', folder, '--port', '0', '--host', '127.0.0.1'];
    const { code, error } = await shunt(['serve', '--standalone', ...own, '--client-ca', '/etc/hostname']);
    expect(code).toBe(2);
    expect(linesOf(error).at(-1)).toMatch(/hostname: holds no certificate; give the PEM of the authority/);
  });
});
