import { describe, expect, it } from 'vitest';
import { examineDrift } from '../../webhook/analyze/drift/drift.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import type { Change } from '../fixtures/diversions.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { type Subjected, subjected } from './bases.ts';
import { type BlindBase, blindFaults } from './blind.ts';
import { blindBase } from './blind-bases.ts';
import type { Base } from './fault.ts';

/** Faults of each set of files; there are up to 850. */
const COUNT = Number(process.env['SHUNT_FAULTS'] ?? 40);
const SEED = 20_261_127;
const WITHIN_MS = 240_000;

const FILES = [
  'sidecar changeprop',
  'sidecar jobqueue',
  'mesh.yaml',
  'jobrunner-listener.yaml',
  'rest-gateway.yaml',
  'remap.config',
  'values.yaml',
  'ingress istio',
  'ingress gateway-api',
  'ingress ingress',
  'ingress-all istio',
  'ingress-all gateway-api',
];

/** What cannot be told from an edit of what is not the program's own, or means nothing. */
const UNSEEN = [
  // The order of objects.
  /: \[\d+ \w+ \S+\] is behind the next$/,
  // The only object of its set under another kind, which the API server does not know.
  /^sidecar .*\]\.(kind|metadata\.name) is /,
  /^sidecar .*\]\.(kind|metadata|metadata\.name)? ?is gone$/,
  // A runtime layer without our name is one of somebody else.
  /layers\[\d+ shunt\.admin\]\.name is /,
  // Whole lines of rules, which were there before.
  /^remap\.config: line \d+, .*( is gone|x|is behind the next)$/,
];

/** Whether drift alone finds something, or the file cannot even be read. */
function isFound(files: Base['files'], changes: readonly Change[] = []): boolean {
  const plan = diversionPlan(...changes);
  const read = Object.entries(files).map(([name, text]) => readSubjects(name, text));
  if (read.some(({ ok }) => !ok)) return true;
  const subjects = read.flatMap((result) => (result.ok ? result.value : []));
  return examineDrift({ plan, file: 'diversion.yaml', subjects }).length > 0;
}

describe('drift', () => {
  it.each(subjected().map(({ base }: Subjected) => [base.edge, base.name, base] as const))(
    '%s, %s: is none in files as they were written',
    (edge, _, base) => {
      if (edge !== 'diversion') expect(isFound(base.files)).toBe(false);
    },
  );

  it.each(FILES)(
    '%s: whatever is changed in what the program wrote is found',
    (name) => {
      const base: BlindBase = blindBase(name);
      const faults = blindFaults(base, COUNT, SEED);
      const missed = faults.filter(({ files }) => !isFound(files, base.changes)).map(({ fault }) => fault);
      const meant = missed.filter((fault) => !UNSEEN.some((pattern) => pattern.test(fault)));
      expect(faults.length).toBeGreaterThan(20);
      expect(meant).toEqual([]);
    },
    WITHIN_MS,
  );
});
