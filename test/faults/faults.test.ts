import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../webhook/analyze/catalogue/catalogue.ts';
import { subjected } from './bases.ts';
import { EXAMPLES } from './examples.ts';
import { codesIn } from './judge.ts';
import { judgeAll, scoreTable } from './score.ts';

const FEWEST_FAULTS = 300;
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
      console.log(`caught by shunt analyze\n${scoreTable(judged, ({ codes }) => codes.length > 0)}`);
      expect(judged.length).toBeGreaterThanOrEqual(FEWEST_FAULTS);
      expect(
        judged.filter(({ codes }) => codes.length === 0).map(({ fault }) => `${fault.edge}: ${fault.fault}`),
      ).toEqual([]);
      for (const incident of INCIDENTS) {
        const own = judged.filter(({ fault }) => fault.fault.startsWith(incident));
        expect(own.length, incident).toBeGreaterThan(0);
        expect(
          own.filter(({ codes }) => codes.length === 0),
          incident,
        ).toEqual([]);
      }
      const found = new Set<string>(judged.flatMap(({ codes }) => codes));
      const unseen = Object.keys(CATALOGUE).filter((code) => !found.has(code));
      expect(unseen.filter((code) => !(code in EXAMPLES))).toEqual([]);
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
