import { beforeAll, describe, expect, it } from 'vitest';
import { DEBUG_APART, diversionText, withShare } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import type { WireRequest } from './ats-run.ts';
import { decisionFor, faultOf, withoutDebug } from './expected.ts';
import { planOf, runSetup, send } from './setup.ts';
import { HOSTS, TABLE } from './table.ts';

async function answers(diversion: string, untouched: boolean, requests: readonly WireRequest[]) {
  const setup = { diversion, steps: [send(...requests)] };
  const { answers } = await runSetup(untouched ? { ...setup, untouched } : setup);
  return answers[0] ?? [];
}

describe.each([
  ['all of it', 100],
  ['none of it', 0],
])('Traffic Server follows the decisions, with %s diverted', (_name, share) => {
  const diversion = diversionText(DEBUG_APART, withShare(share));
  const plan = planOf(diversion);
  let diverted: readonly Answer[] = [];
  let untouched: readonly Answer[] = [];
  let plainly: readonly Answer[] = [];

  beforeAll(async () => {
    diverted = await answers(diversion, false, TABLE);
    untouched = await answers(diversion, true, TABLE);
    plainly = await answers(diversion, true, TABLE.map(withoutDebug));
  });

  const decisionAt = (index: number) =>
    decisionFor(plan, TABLE[index] as WireRequest, plainly[index] as Answer);

  it.each(TABLE.map((request, index) => [JSON.stringify(request), index] as const))('%s', (_, index) => {
    const [answer, before, plain] = [diverted[index], untouched[index], plainly[index]];
    if (!answer || !before || !plain) throw new Error('the stage gave no answer');
    expect(faultOf(decisionAt(index), answer, before, plain)).toBeUndefined();
  });

  it('has every kind of decision in the table', () => {
    const kinds = new Set(
      TABLE.map((_, index) => decisionAt(index)).map(({ to, reason }) => `${to}: ${reason}`),
    );
    expect([...kinds].sort()).toEqual(
      share === 0
        ? ['production: host-not-diverted', 'production: outside-share']
        : [
            'debug: diverted',
            'production: host-not-diverted',
            'production: upstream-not-declared',
            'refused: debug-backend-unknown',
            'refused: refused-outside',
            'web: diverted',
          ],
    );
    expect(HOSTS.length).toBeGreaterThan(60);
  });
});
