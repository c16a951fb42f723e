import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../webhook/edges/plan.ts';
import { diversion, planOf } from '../live/ask.ts';
import { type Asked, type Driver, skipReason } from './driver.ts';
import { findFault } from './judge.ts';
import { randomRequests } from './random.ts';
import { describeCounts, describeRandom } from './report.ts';
import type { ConformanceRequest } from './request.ts';
import { rowsFor } from './rows.ts';
import { shrink } from './shrink.ts';

/** Fewer would be a table from which somebody has taken rows. */
const FEWEST_ROWS = 320;

const SEED = Number(process.env['SHUNT_SEED'] ?? 20_261_122);
const RANDOM_REQUESTS = 2_000;

/** Long enough to build the tools, the first time, and for a hundred thousand requests. */
const TIMEOUT_MS = 3_600_000;

/** Runs the table and random requests against an edge: they mean the same there as everywhere. */
export function conform(driver: Driver): void {
  const plan = planOf(driver.diversion ?? diversion);
  const { all, asked: rows } = rowsOf(plan, driver);
  const random = randomOf(plan, driver);
  describe(`conformance: ${driver.name}`, () => {
    let faults: readonly (string | undefined)[] = [];
    let asked: Asked | undefined;

    beforeAll(async () => {
      asked = await driver.ask([...rows, ...random]);
      faults = judgeAll(plan, driver, [...rows, ...random], asked);
      process.stdout.write(`${describeCounts(driver, all, asked.diverted.slice(0, rows.length))}\n`);
    }, TIMEOUT_MS);

    it('means by every row of the table what the diversion means', () => {
      expect(all.length).toBeGreaterThanOrEqual(FEWEST_ROWS);
      const wrong = faults
        .slice(0, rows.length)
        .flatMap((fault, index) => (fault === undefined ? [] : [`${rows[index]?.form.name}: ${fault}`]));
      expect(wrong).toEqual([]);
      expect(divertedIn(asked?.diverted.slice(0, rows.length)), 'diverted rows').toBeGreaterThan(20);
    });

    it(
      `means the same by ${random.length} random requests (seed ${SEED})`,
      async () => {
        const first = faults.findIndex((fault, index) => index >= rows.length && fault !== undefined);
        const findFaults = async (requests: readonly ConformanceRequest[]) =>
          judgeAll(plan, driver, requests, await driver.ask(requests));
        const tools = { plainly: driver, host: plan.hosts[0] ?? '', findFaults };
        const shrunk = first < 0 ? undefined : await shrink([...rows, ...random], first, tools);
        expect({ fault: faults[first], shrunk }).toEqual({});
        expect(divertedIn(asked?.diverted.slice(rows.length)), 'diverted requests').toBeGreaterThan(
          random.length / 25,
        );
        const answers = asked?.diverted.slice(rows.length) ?? [];
        process.stdout.write(`${describeRandom(driver, SEED, answers)}\n`);
      },
      TIMEOUT_MS,
    );
  });
}

function rowsOf(plan: Plan, driver: Driver) {
  const all = plan.hosts.flatMap((host) => rowsFor(plan, host, plainlyOf(driver)));
  return { all, asked: all.filter(({ form }) => skipReason(driver, form.name) === undefined) };
}

function randomOf(plan: Plan, driver: Driver): ConformanceRequest[] {
  const numRuns = Number(process.env['SHUNT_REQUESTS'] ?? driver.randomRequests ?? RANDOM_REQUESTS);
  const requests = randomRequests(plan, plainlyOf(driver)).filter(
    ({ form }) => skipReason(driver, form.name) === undefined,
  );
  return fc.sample(requests, { numRuns, seed: SEED });
}

function plainlyOf({ method, path, headers }: Driver) {
  return { method, path, ...(headers ? { headers } : {}) };
}

function judgeAll(
  plan: Plan,
  driver: Driver,
  requests: readonly ConformanceRequest[],
  { diverted, untouched, plainly }: Asked,
): (string | undefined)[] {
  return requests.map((request, index) => {
    const answer = diverted[index];
    if (!answer) throw new Error('an answer is missing');
    const answers = { diverted: answer, untouched: untouched?.[index], plainly: plainly?.[index] };
    return findFault(plan, driver, request, answers);
  });
}

function divertedIn(answers: Asked['diverted'] = []): number {
  return answers.filter(({ site }) => site?.startsWith('target')).length;
}
