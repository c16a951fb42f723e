import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorityName, readAuthorities, writeAuthorities } from '../../webhook/controller/authorities.ts';
import { readBundle } from '../../webhook/controller/bundle.ts';
import { type Issued, issueAuthority, issueLeaf } from '../../webhook/controller/certificates.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { found } from '../fixtures/read.ts';
import { refusal } from './fake-kube.ts';
import { HOUR, NAMESPACE, SETTINGS, TrustWorld } from './trust-world.ts';

const SIGHT = { lagMs: 0, skewMs: 0 };
const NAME = authorityName('shunt', 'shunt-system');
const START = new Date(Date.UTC(2026, 0, 1));
const issueOwn = (now: Date, lifetime = SETTINGS.caLifetime, name = NAME) =>
  issueAuthority(name, { now, lifetime });

const [own, foreign, expired, future] = await Promise.all([
  issueOwn(START),
  issueOwn(START, SETTINGS.caLifetime, 'somebody else'),
  issueOwn(new Date(START.getTime() - 3 * HOUR)),
  issueOwn(new Date(START.getTime() + HOUR)),
]);
const leaf = await issueLeaf(own, ['shunt'], { now: START, lifetime: SETTINGS.caLifetime });

const encode = (text: string) => Buffer.from(text).toString('base64');
const dataOf = ({ cert, key }: Partial<Issued>): JsonObject => ({
  ...(cert !== undefined && { 'ca.crt': encode(cert) }),
  ...(key !== undefined && { 'ca.key': encode(key) }),
});

const GARBAGE: readonly (readonly [string, JsonObject])[] = [
  ['nothing', {}],
  ['no key', dataOf({ cert: own.cert })],
  ['no certificate', dataOf({ key: own.key })],
  ['empty values', { 'ca.crt': '', 'ca.key': '' }],
  ['numbers', { 'ca.crt': 7, 'ca.key': 7 }],
  ['half a certificate', dataOf({ ...own, cert: own.cert.slice(0, 400) })],
  ['half a key', dataOf({ ...own, key: own.key.slice(0, 400) })],
  ['the key of another', dataOf({ cert: own.cert, key: foreign.key })],
  ['a certificate that is no authority', dataOf(leaf)],
  ['one that has expired', dataOf(expired)],
  ['one of the future, made by a wrong clock', dataOf(future)],
  ['text that is not encoded', { 'ca.crt': own.cert, 'ca.key': own.key }],
];

describe('a Secret with', () => {
  it.each(GARBAGE)('%s holds no authority', (_, data) => {
    expect(readAuthorities(data, START.getTime())).toBeUndefined();
  });

  it.each(GARBAGE)('a good authority, and %s as the one before, holds the one', (_, data) => {
    const previous = { 'previous.crt': data['ca.crt'], 'previous.key': data['ca.key'] };
    expect(readAuthorities({ ...dataOf(own), ...previous }, START.getTime())).toEqual({
      newest: expect.objectContaining(own),
    });
  });

  it('what was written holds that', () => {
    const authorities = found(readAuthorities(dataOf(own), START.getTime()));
    const both = { newest: authorities.newest, previous: authorities.newest };
    expect(readAuthorities(writeAuthorities(both), START.getTime())).toEqual(both);
  });
});

/** One replica that has come to rest. */
async function atRest(): Promise<TrustWorld> {
  const world = new TrustWorld();
  world.replicas.push(world.start(SIGHT));
  await world.steps(5, 1000);
  expectWell(world);
  return world;
}

function expectWell(world: TrustWorld): void {
  for (const { trust, leaf: inUse } of world.replicas)
    expect([trust.ready, world.refusal(inUse())]).toEqual([true, undefined]);
  expect(world.replicas.length).toBeGreaterThan(0);
}

function complaints({ kube }: TrustWorld): readonly string[] {
  return kube
    .all(RESOURCES.event)
    .filter(({ reason }) => reason === 'NoAuthority')
    .map(({ message }) => String(message));
}

describe('a Secret', () => {
  it.each(GARBAGE)('that holds %s is written anew, and no leaf is refused meanwhile', async (_, data) => {
    const world = await atRest();
    world.setSecret({ type: 'Opaque', data });
    for (let step = 0; step < 20; step += 1) {
      await world.step(5000);
      expectWell(world);
    }
    expect(readAuthorities(found(world.secret)['data'] as JsonObject, world.nowMs)).toBeDefined();
    await world.steps(10, SETTINGS.settle);
    expect(world.bundles().map((bundle) => readBundle(bundle).length)).toEqual([1, 1]);
  });

  it.each([
    ['of another type', { type: 'kubernetes.io/tls', data: {} }],
    ['that is immutable', { type: 'Opaque', immutable: true, data: { 'ca.crt': '' } }],
  ])('%s is complained of once, and who runs goes on', async (_, object) => {
    const world = await atRest();
    world.setSecret(object);
    world.kube.fault = ({ method, path }) =>
      method === 'PATCH' && path.includes('/secrets/') ? refusal(422, 'it is immutable') : undefined;
    for (let step = 0; step < 5; step += 1) {
      await world.steps(3, 1000);
      world.setBundles([undefined, undefined]);
      await world.steps(3, 1000);
      expectWell(world);
    }
    expect(complaints(world)).toEqual([expect.stringContaining('it is immutable. Delete the Secret')]);
  });

  it('that is missing is complained of once; who runs goes on, and who starts is not ready', async () => {
    const world = await atRest();
    const before = world.replicas[0]?.leaf()?.issuer;
    world.deleteSecret();
    world.replicas.push(world.start(SIGHT));
    await world.steps(10, 60_000);
    world.setBundles([undefined, undefined]);
    await world.steps(3, 1000);
    expect(world.replicas.map(({ trust }) => trust.ready)).toEqual([true, false]);
    expect(world.replicas[0]?.leaf()?.issuer).toBe(before);
    expect(new Set(complaints(world))).toEqual(new Set([expect.stringContaining('is missing')]));
    expect(world.secret).toBeUndefined();
    world.emptySecret();
    await world.until(() => world.replicas.every(({ trust }) => trust.ready), 1000);
    expectWell(world);
  });

  it('that holds nothing yet takes over what the first version of the program kept', async () => {
    const world = new TrustWorld({ ...SETTINGS, formerSecret: 'old' });
    const kept = dataOf(own);
    world.kube.put(RESOURCES.secret, { metadata: { name: 'old', namespace: NAMESPACE }, data: kept });
    world.replicas.push(world.start(SIGHT), world.start(SIGHT));
    await world.steps(5, 1000);
    expect(found(world.secret)['data']).toEqual(kept);
    expectWell(world);
  });

  it('that was emptied later takes over nothing that may be known to others', async () => {
    const world = new TrustWorld({ ...SETTINGS, formerSecret: 'old' });
    const kept = dataOf(own);
    world.kube.put(RESOURCES.secret, { metadata: { name: 'old', namespace: NAMESPACE }, data: kept });
    world.replicas.push(world.start(SIGHT));
    await world.steps(5, 1000);
    world.emptySecret();
    for (let step = 0; step < 20; step += 1) {
      await world.step(1000);
      expectWell(world);
    }
    expect(found(world.secret)['data']).not.toMatchObject({ 'ca.crt': kept['ca.crt'] });
  });

  it('that cannot be written does not keep leaf and bundle from their care', async () => {
    const world = await atRest();
    world.kube.fault = ({ method, path }) =>
      method !== 'GET' && path.includes('/secrets') ? refusal(403) : undefined;
    const due = (SETTINGS.caLifetime * 2) / 3;
    await world.steps(due / 60_000 + 10, 60_000);
    world.setBundles([undefined, undefined]);
    await world.steps(3, 1000);
    expectWell(world);
    await world.steps(25, 60_000);
    expectWell(world);
  });
});

describe('a caBundle', () => {
  it.each<[string, string | undefined]>([
    ['is gone', undefined],
    ['is emptied', ''],
    ['holds the authority of somebody else', encode(foreign.cert)],
    ['holds an expired one of ours', encode(expired.cert)],
    ['holds half a certificate', encode(own.cert.slice(0, 300))],
    ['is no base64', '%%%'],
  ])('that %s in one entry is written again, with nothing of others in it', async (_, caBundle) => {
    const world = await atRest();
    const good = found(world.bundles()[0]);
    await world.steps(20, SETTINGS.settle);
    world.setBundles([good, caBundle]);
    // Where nobody is trusted, no other replica would do better.
    expect(world.replicas[0]?.trust.ready).toBe(readBundle(caBundle).length === 0);
    await world.step(1000);
    expect(world.bundles()).toEqual([good, good]);
    expectWell(world);
  });

  it('keeps one of ours that is young and that this replica has not heard of', async () => {
    const world = await atRest();
    await world.steps(20, SETTINGS.settle);
    const young = await issueOwn(new Date(world.nowMs));
    const pems = [new X509Certificate(young.cert), ...readBundle(world.bundles()[0])].map((certificate) =>
      String(certificate).trim(),
    );
    const both = encode(`${pems.join('\n')}\n`);
    world.setBundles([both, both]);
    await world.step(1000);
    expect(world.bundles()).toEqual([both, both]);
    await world.steps(12, SETTINGS.settle);
    expect(readBundle(world.bundles()[0])).toHaveLength(1);
  });

  it('is not written by a replica with a slow clock once another has dropped the old authority', async () => {
    const world = await atRest();
    await world.until(() => readBundle(world.bundles()[0]).length !== 1, 30_000);
    await world.until(() => readBundle(world.bundles()[0]).length !== 2, 5000);
    world.replicas.push(world.start({ lagMs: 0, skewMs: -100_000 }));
    const before = world.changes;
    await world.steps(60, 1000);
    expect(world.changes).toBe(before);
  });

  it('of an entry that comes later is written too', async () => {
    const world = await atRest();
    const [good] = world.bundles();
    world.setBundles([good, good, undefined]);
    await world.step(1000);
    expect(world.bundles()).toEqual([good, good, good]);
  });
});

describe('without a registration', () => {
  it.each([[[]], [[undefined]]])('with entries, nothing is ready: %j', async (entries) => {
    const world = new TrustWorld(SETTINGS, []);
    world.replicas.push(world.start(SIGHT));
    await world.steps(3, 1000);
    expect(world.replicas[0]?.trust.ready).toBe(false);
    world.setBundles([...entries, undefined]);
    await world.steps(3, 1000);
    expectWell(world);
  });
});

it('a replica that has not seen the registration yet does not choose an authority to sign by', async () => {
  const world = await atRest();
  await world.until(() => readBundle(world.bundles()[0]).length === 2, 30_000);
  const bundles = world.bundles();
  world.removeRegistration();
  const late = world.start(SIGHT);
  world.replicas.push(late);
  await world.steps(2, 1000);
  expect([late.leaf(), late.trust.ready]).toEqual([undefined, false]);
  world.setBundles(bundles);
  await world.step(1000);
  expect(late.leaf()?.issuer).toBe(world.replicas[0]?.leaf()?.issuer);
  expectWell(world);
});

describe('what was away for longer than everything lives', () => {
  it.each([1, 2, 10])('recovers at once: %i lifetimes', async (lifetimes) => {
    const world = await atRest();
    world.nowMs += SETTINGS.caLifetime * lifetimes;
    await world.steps(4, 1000);
    expectWell(world);
    world.replicas.push(world.start(SIGHT));
    await world.steps(4, 1000);
    expectWell(world);
    expect(world.bundles().map((bundle) => readBundle(bundle).length)).toEqual([1, 1]);
  });
});

it('Secret and caBundles lost at the same time are recovered from', async () => {
  const world = await atRest();
  world.emptySecret();
  world.setBundles([undefined, undefined]);
  await world.steps(4, 1000);
  expectWell(world);
});

it('a leaf has the names of the Service and those that are asked for', async () => {
  const world = new TrustWorld({
    ...SETTINGS,
    names: ['127.0.0.1', 'extra.example'],
    leafLifetime: milliseconds(HOUR),
  });
  world.replicas.push(world.start(SIGHT));
  await world.steps(3, 1000);
  const certificate = new X509Certificate(found(world.replicas[0]?.leaf()).cert);
  for (const name of ['shunt.shunt-system.svc', 'shunt.shunt-system', 'extra.example'])
    expect(certificate.checkHost(name)).toBe(name);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
});
