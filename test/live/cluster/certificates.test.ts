import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { makeSpace, pathOf } from '../../cluster/namespaces.ts';
import { PodStream } from '../../cluster/pod-stream.ts';
import { Release, until } from '../../cluster/release.ts';
import type { Replica } from '../../cluster/replica.ts';

const NS = 'changeprop';
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** The settling is a tenth of the overlap, and all of that must fit between two authorities. */
const SHORT = ['--ca-lifetime', '30s', '--leaf-lifetime', '8s', '--settle', '1600ms'];
const CA_LIFETIME_MS = 30_000;

let api: ApiServer;
let client: ApiClient;
let release: Release;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  release = await Release.install(api, 2, { flags: SHORT });
  await makeSpace(client, NS);
});
afterAll(async () => {
  await release?.stop();
  client?.close();
  await api?.stop();
});

const certificatesIn = (base64: string) =>
  (Buffer.from(base64, 'base64').toString().match(PEM) ?? []).map((pem) => new X509Certificate(pem));

async function bundle(): Promise<X509Certificate[]> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${release.registration}`;
  const { webhooks } = (await client.get(path)) as { webhooks: { clientConfig: { caBundle?: string } }[] };
  return certificatesIn(webhooks[0]?.clientConfig.caBundle ?? '');
}

async function authority(): Promise<X509Certificate | undefined> {
  const secret = await client.get(pathOf(release.namespace, 'secrets', `${release.name}-authority`));
  return certificatesIn((secret as { data: Record<string, string> }).data['ca.crt'] ?? '')[0];
}

/** The certificate that a replica serves with. */
function leafOf({ reviewPort }: Replica): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: reviewPort, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate) resolve(certificate);
      else reject(new Error('no certificate is served'));
    });
    socket.once('error', reject);
  });
}

async function isSignedBy(signer: X509Certificate | undefined): Promise<boolean> {
  const leaves = await Promise.all([...release.replicas].map(leafOf));
  return leaves.every((leaf) => signer !== undefined && leaf.verify(signer.publicKey));
}

const fingerprints = (certificates: readonly X509Certificate[]) =>
  certificates.map(({ fingerprint256 }) => fingerprint256);

describe('certificates that live for seconds', () => {
  it('are renewed, leaf and authority, without a creation that fails or slips through', async () => {
    const stream = new PodStream(client, { namespace: NS, atOnce: 2, restMs: 10 });
    const authorities = new Set<string>();
    const leaves = new Set<string>();
    const shared: number[] = [];
    const started = Date.now();
    while (authorities.size < 3) {
      const newest = await authority();
      if (newest) authorities.add(newest.fingerprint256);
      for (const replica of release.replicas) leaves.add((await leafOf(replica)).fingerprint256);
      shared.push((await bundle()).length);
      if (Date.now() - started > 3 * CA_LIFETIME_MS) break;
      await sleep(200);
    }
    const { injected, uninjected, refused, unreachable } = await stream.end();
    expect({ uninjected, refused: [...refused], unreachable }).toEqual({
      uninjected: [],
      refused: [],
      unreachable: 0,
    });
    expect(authorities.size).toBe(3);
    expect(leaves.size).toBeGreaterThan(8);
    expect(Math.max(...shared)).toBe(2);
    expect(Math.min(...shared)).toBe(1);
    console.info(`${injected} pods over ${leaves.size} leaves and ${authorities.size} authorities: 0 failed`);
  });

  it('stand side by side while a new authority takes over, and then the new one alone', async () => {
    // One that was made a moment ago is not in the caBundle yet, and would be taken for the one after it.
    const present = await authority();
    await until('every leaf is by the present one', () => isSignedBy(present));
    const old = await bundle();
    await client.patch(pathOf(release.namespace, 'secrets', `${release.name}-authority`), { data: null });
    await until('both are trusted', async () => {
      const now = fingerprints(await bundle());
      return fingerprints(old).every((one) => now.includes(one)) && now.length === old.length + 1;
    });
    const [newest] = await bundle();
    await until('every leaf is by the new one', () => isSignedBy(newest));
    await until('no old one is trusted', async () => {
      const now = fingerprints(await bundle());
      return !fingerprints(old).some((one) => now.includes(one));
    });
  });

  it('are made anew by who comes back after all of them have ended', async () => {
    for (const replica of [...release.replicas]) await release.remove(replica);
    const last = await authority();
    await sleep(Math.max(0, (last?.validToDate.getTime() ?? 0) - Date.now()) + 1_000);
    expect((await bundle()).every(({ validToDate }) => validToDate.getTime() < Date.now())).toBe(true);
    await release.scale(2);
    const stream = new PodStream(client, { namespace: NS, atOnce: 1 });
    await stream.more(10);
    const { injected, uninjected, refused } = await stream.end();
    expect({ uninjected, refused: [...refused] }).toEqual({ uninjected: [], refused: [] });
    expect(injected).toBeGreaterThanOrEqual(10);
  });
});
