import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { watchKeyPair } from '../../webhook/cli/key-pair.ts';
import { type Issued, issueLeaf } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import { expiryMs, secureOptions } from '../../webhook/server/tls.ts';
import { issue, type Serving, send, serve } from './serving.ts';

const NOW = new Date();
const HOUR = milliseconds(3_600_000);

let pair: { authority: Issued; leaf: Issued };
beforeAll(async () => {
  pair = await issue(['localhost', 'shunt.shunt.svc', '127.0.0.1'], NOW);
});

const parsed = ({ cert }: Issued) => new X509Certificate(cert);

describe('the program’s own certificates', () => {
  it('verify: the leaf by the authority, the authority by itself', () => {
    const [authority, leaf] = [parsed(pair.authority), parsed(pair.leaf)];
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, leaf.ca]).toEqual([true, false]);
  });

  it('have serial numbers of their own', async () => {
    const more = await issueLeaf(pair.authority, ['x'], { now: NOW, lifetime: HOUR });
    const serials = [pair.authority, pair.leaf, more].map((issued) => parsed(issued).serialNumber);
    expect(new Set(serials).size).toBe(3);
  });

  it('name every host and address', () => {
    expect(parsed(pair.leaf).subjectAltName).toBe('DNS:localhost, DNS:shunt.shunt.svc, IP Address:127.0.0.1');
    expect(parsed(pair.leaf).checkHost('shunt.shunt.svc')).toBe('shunt.shunt.svc');
    expect(parsed(pair.leaf).checkHost('other.svc')).toBeUndefined();
  });

  it('are valid from shortly before now, to allow for clocks, to the end of their lifetime', () => {
    const { validFromDate, validToDate } = parsed(pair.leaf);
    expect(validFromDate.getTime()).toBeLessThan(NOW.getTime() - 60_000);
    expect(Math.abs(validToDate.getTime() - NOW.getTime() - HOUR)).toBeLessThan(1000);
    expect(expiryMs(pair.leaf)).toBe(validToDate.getTime());
  });

  it('come with their own key', () => {
    expect(secureOptions(pair.leaf).ok).toBe(true);
    expect(secureOptions({ cert: pair.leaf.cert, key: pair.authority.key })).toMatchObject({
      ok: false,
      problems: [{ code: 'certificate', message: expect.stringMatching(/^cannot be used/) }],
    });
  });

  it('take a name longer than a common name may be', async () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.svc`;
    const leaf = await issueLeaf(pair.authority, [long], { now: NOW, lifetime: HOUR });
    expect(parsed(leaf).subjectAltName).toBe(`DNS:${long}`);
  });
});

describe('a server', () => {
  let serving: Serving;
  let folder: string;
  let watch: { stop: () => void };
  const file = (name: string) => path.join(folder, name);
  const write = async ({ cert, key }: Issued) => {
    await writeFile(file('tls.key'), key);
    await writeFile(file('tls.crt'), cert);
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'shunt-'));
    serving = await serve(pair);
    await write(pair.leaf);
    const options = { tlsCert: file('tls.crt'), tlsKey: file('tls.key'), name: [] };
    const { server, metrics, logger: log } = serving;
    watch = watchKeyPair({ options, server, metrics, log, pair: pair.leaf });
  });
  afterEach(async () => {
    watch.stop();
    serving.server.closeAllConnections();
    serving.server.close();
    await rm(folder, { recursive: true });
  });

  function serialServed(): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host: '127.0.0.1', port: serving.port, ca: serving.ca }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.end();
      });
      socket.once('error', reject);
    });
  }

  async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
    const end = performance.now() + 5000;
    while (!(await condition())) {
      if (performance.now() > end) throw new Error('waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const metric = async (name: string) =>
    (await serving.metrics.registry.metrics()).match(new RegExp(`^${name} (.+)$`, 'm'))?.[1];

  it('is trusted by whoever trusts the authority, and by nobody else', async () => {
    const get = { method: 'GET', path: '/healthz', headers: {} };
    expect((await send(serving, get)).status).toBe(200);
    const { authority } = await issue();
    await expect(send({ port: serving.port, ca: authority.cert }, get)).rejects.toThrow(
      /self-signed|verify|issuer/i,
    );
  });

  it('takes a new certificate into use without a restart', async () => {
    const next = await issueLeaf(pair.authority, ['127.0.0.1'], {
      now: NOW,
      lifetime: milliseconds(2 * HOUR),
    });
    await write(next);
    await until(async () => (await serialServed()) === parsed(next).serialNumber);
    expect(Number(await metric('shunt_certificate_expiry_timestamp_seconds'))).toBe(expiryMs(next) / 1000);
    expect(serving.log.join('')).toContain('certificate reloaded');
    expect(serving.log.join('')).not.toContain('PRIVATE KEY');
  });

  it.each([
    ['is broken', (): Promise<void> => writeFile(file('tls.crt'), 'no certificate')],
    ['is gone', (): Promise<void> => rm(file('tls.crt'))],
    ['has another’s key', (): Promise<void> => writeFile(file('tls.key'), pair.authority.key)],
  ])('keeps the old certificate when the new one %s, and complains once', async (_, spoil) => {
    await spoil();
    await until(async () => (await metric('shunt_certificate_reload_errors_total')) === '1');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await serialServed()).toBe(parsed(pair.leaf).serialNumber);
    expect(await metric('shunt_certificate_reload_errors_total')).toBe('1');
    expect(serving.log.filter((line) => line.includes('the old one stays in use'))).toHaveLength(1);
  });
});
