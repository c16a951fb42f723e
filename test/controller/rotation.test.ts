import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBundle } from '../../webhook/controller/bundle.ts';
import { found } from '../fixtures/read.ts';
import { RUNS } from '../property/runs.ts';
import { HOUR, SETTINGS, type Sight, TrustWorld } from './trust-world.ts';

/** Each run makes dozens of RSA keys. */
const RUNS_WITH_KEYS = Math.max(1, Math.round(RUNS / 100));
const TIMEOUT_MS = 120_000 + RUNS_WITH_KEYS * 20_000;
const LATEST_MS = SETTINGS.settle / 3;

const sight = fc.record({
  lagMs: fc.integer({ min: 0, max: LATEST_MS }),
  skewMs: fc.integer({ min: -20_000, max: 20_000 }),
});

/**
 * What happens between two looks: time passes, and sometimes somebody touches the Secret, or a replica is replaced, as
 * a rollout and a disruption budget allow it: while all are ready.
 */
const event = fc.record({
  ms: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 5_000, max: 180_000 })),
  what: fc.oneof(
    { weight: 40, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('emptied' as const, 'garbage' as const) },
    { weight: 2, arbitrary: fc.constant('restart' as const) },
  ),
});

/** Looks of all replicas until each has been ready, without anybody meddling. */
async function running(sights: readonly Sight[]): Promise<TrustWorld> {
  const world = new TrustWorld();
  world.replicas.push(...sights.map((each) => world.start(each)));
  await world.steps(20, 2000);
  return world;
}

function meddle(
  world: TrustWorld,
  what: 'nothing' | 'emptied' | 'garbage' | 'restart',
  sights: readonly Sight[],
) {
  if (what === 'emptied') world.emptySecret();
  if (what === 'garbage') world.setSecret({ type: 'Opaque', data: { 'ca.crt': 'AAAA' } });
  if (what === 'restart' && world.replicas.every(({ trust }) => trust.ready)) {
    world.replicas.shift();
    world.replicas.push(world.start(found(sights[0])));
  }
}

function expectBounded(world: TrustWorld, most: number): void {
  for (const trusted of world.bundles().map(readBundle)) {
    expect(trusted.length).toBeLessThanOrEqual(most);
    for (const { validToDate } of trusted)
      expect(validToDate.getTime()).toBeGreaterThan(world.nowMs - 120_000);
  }
}

it.each([2, 5])(
  'with %i replicas, whoever is ready serves what every API server trusts, at any time',
  async (count) => {
    const property = fc.asyncProperty(
      fc.array(sight, { minLength: count, maxLength: count }),
      fc.array(event, { minLength: 120, maxLength: 120 }),
      async (sights, events) => {
        const world = await running(sights);
        for (const { trust, leaf } of world.replicas)
          expect([trust.ready, world.refusal(leaf())]).toEqual([true, undefined]);
        // One that takes over from another, and each that somebody's meddling has left behind.
        let most = 2;
        for (const { ms, what } of events) {
          if (what === 'emptied' || what === 'garbage') most += 1;
          meddle(world, what, sights);
          await world.step(ms);
          const ready = world.replicas.filter(({ trust }) => trust.ready);
          for (const { leaf } of ready) expect(world.refusal(leaf())).toBeUndefined();
          expect(ready.length).toBeGreaterThanOrEqual(what === 'restart' ? count - 1 : 1);
          expectBounded(world, most);
        }
        await world.steps(20, SETTINGS.settle);
        expect(new Set(world.bundles()).size).toBe(1);
        expectBounded(world, 2);
      },
    );
    // To shrink takes longer than the test may, and a failure would be reported as a time-out.
    await fc.assert(property, { numRuns: count === 2 ? RUNS_WITH_KEYS : 1, endOnFailure: true });
  },
  TIMEOUT_MS,
);

it(
  'replicas agree on the bytes, write few times, and trust one authority in the end',
  async () => {
    const sights = [0, 2000, 5000, 8000, 10_000].map((lagMs, index) => ({
      lagMs,
      skewMs: index * 20_000 - 40_000,
    }));
    const world = await running(sights);
    const before = world.changes;
    await world.steps((SETTINGS.caLifetime / 60_000) * 0.7, 60_000);
    await world.steps(400, 1000);
    expect(world.changes - before).toBeGreaterThanOrEqual(2);
    expect(world.changes - before).toBeLessThanOrEqual(4);
    expect(new Set(world.bundles()).size).toBe(1);
    expect(readBundle(world.bundles()[0])).toHaveLength(1);
  },
  TIMEOUT_MS,
);

it(
  'an authority signs only once it has been trusted for the settling time, by a replica that starts then too',
  async () => {
    const world = await running([{ lagMs: 0, skewMs: 0 }]);
    const old = found(world.replicas[0]?.leaf()).issuer;
    await world.until(() => readBundle(world.bundles()[0]).length !== 1, 10_000);
    const since = world.nowMs;
    world.replicas.push(world.start({ lagMs: 0, skewMs: 0 }));
    await world.until(() => world.replicas.some(({ leaf }) => (leaf()?.issuer ?? old) !== old), 1000);
    expect(world.nowMs - since).toBeGreaterThanOrEqual(SETTINGS.settle - 11_000);
    expect(world.nowMs - since).toBeLessThan(HOUR);
    await world.step(1000);
    for (const { leaf } of world.replicas) expect(found(leaf()).issuer).not.toBe(old);
  },
  TIMEOUT_MS,
);

it('a leaf that is due when somebody has deleted the authority serves until the next one is trusted', async () => {
  const world = await running([{ lagMs: 5000, skewMs: 0 }]);
  const old = found(world.replicas[0]?.leaf());
  const dueMs = old.bornMs + ((old.endsMs - old.bornMs) * 2) / 3;
  await world.step(dueMs - 8000 - world.nowMs);
  world.emptySecret();
  await world.steps(2, 6000);
  expect(world.nowMs).toBeGreaterThan(dueMs);
  expect(world.bundles().map((bundle) => readBundle(bundle).length)).toEqual([2, 2]);
  const { trust, leaf } = found(world.replicas[0]);
  expect([trust.ready, world.refusal(leaf())]).toEqual([true, undefined]);
});
