import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../webhook/analyze/checks.ts';
import { subjected } from './bases.ts';
import { EXAMPLES } from './examples.ts';
import { codesIn } from './judge.ts';
import { judgeAll, scoreTable } from './score.ts';

const FEWEST_FAULTS = 300;
const LEAST_SHARE = 0.95;
const JUDGED_WITHIN_MS = 240_000;

/** What happened at Wikimedia, as the names of faults. */
const INCIDENTS = [
  'hosts intersected away',
  'the debug header as it missed once',
  'API paths captured that should not be',
];

const bases = subjected();

describe('seeded faults', () => {
  it.each(bases.map(({ base }) => [base.edge, base.name, base] as const))(
    '%s, %s: the files as they should be have no findings',
    (_, __, base) => {
      expect(codesIn(base)).toEqual([]);
    },
  );

  it(
    'are caught by the checks, and every check has a bad and a good example',
    () => {
      const judged = judgeAll(bases);
      const caught = judged.filter(({ codes }) => codes.length > 0);
      console.log(`caught by shunt analyze\n${scoreTable(judged, ({ codes }) => codes.length > 0)}`);
      expect(judged.length).toBeGreaterThanOrEqual(FEWEST_FAULTS);
      expect(caught.length / judged.length).toBeGreaterThanOrEqual(LEAST_SHARE);
      for (const incident of INCIDENTS) {
        const own = judged.filter(({ fault }) => fault.fault.startsWith(incident));
        expect(own.length, incident).toBeGreaterThan(0);
        expect(
          own.filter(({ codes }) => codes.length === 0),
          incident,
        ).toEqual([]);
      }
      const found = new Set(judged.flatMap(({ codes }) => codes));
      const unseen = CHECKS.map(({ code }) => code).filter((code) => !found.has(code));
      expect(Object.keys(EXAMPLES)).toEqual(expect.arrayContaining(unseen));
    },
    JUDGED_WITHIN_MS,
  );

  it.each(Object.entries(EXAMPLES))(
    '%s is found in its bad example, and not in the good one',
    (code, example) => {
      const { bad, good, changes, isGiven } = example();
      expect(codesIn({ files: bad }, changes, isGiven)).toContain(code);
      expect(codesIn({ files: good }, [], isGiven)).not.toContain(code);
    },
  );
});
