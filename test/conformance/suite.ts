import { describe, expect, it } from 'vitest';
import { diversion, planOf } from '../live/ask.ts';
import { type Driver, skipReason } from './driver.ts';
import { hostForms } from './forms.ts';
import { findFault } from './judge.ts';
import type { ConformanceRequest } from './request.ts';

/** Fewer would be a table from which somebody has taken rows. */
const FEWEST_FORMS = 200;

/** Runs the whole table against an edge: every form of every diverted host means the same there as everywhere. */
export function conform(driver: Driver): void {
  const plan = planOf(diversion);
  describe(`conformance: ${driver.name}`, () => {
    it('means by every form of a host what the diversion means', async () => {
      const forms = plan.hosts.flatMap((host) => hostForms(host));
      expect(forms.length).toBeGreaterThanOrEqual(FEWEST_FORMS);
      const { method, path, headers } = driver;
      const requests = forms
        .filter(({ name }) => skipReason(driver, name) === undefined)
        .map((form): ConformanceRequest => ({ form, method, path, ...(headers ? { headers } : {}) }));
      const { diverted, untouched } = await driver.ask(requests);
      expect(diverted).toHaveLength(requests.length);
      const faults = requests.flatMap((request, index) => {
        const answer = diverted[index];
        if (!answer) throw new Error('an answer is missing');
        const fault = findFault(plan, driver, request, { diverted: answer, untouched: untouched?.[index] });
        return fault === undefined ? [] : [`${request.form.name}: ${fault}`];
      });
      expect(faults).toEqual([]);
      expect(
        diverted.filter(({ site }) => site?.startsWith('target')).length,
        'diverted forms',
      ).toBeGreaterThan(20);
    });
  });
}
