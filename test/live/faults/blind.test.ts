import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { blindBase } from '../../faults/blind-bases.ts';
import { type BlindScore, countsOf, describeScore, scoreBlind, scoreTable } from './blind-score.ts';
import { atsRig } from './rigs/ats.ts';
import { ENVOY_RIGS } from './rigs/envoy.ts';
import { ingressRig } from './rigs/ingress.ts';
import { KNATIVE_RIG } from './rigs/knative.ts';

const WITHIN_MS = 3_600_000;

/** Faults for each set of files; there are up to 850. */
const COUNT = Number(process.env['SHUNT_FAULTS'] ?? 10);
const SEED = Number(process.env['SHUNT_SEED'] ?? 20_261_122);
/** Ask the proxies about what the checks found as well. */
const ALL = process.env['SHUNT_FAULTS_ALL'] !== undefined;
/** Where to write what became of each fault. */
const FOLDER = process.env['SHUNT_FAULTS_OUT'];

/** The part of the faults that somebody sees; the others are listed, and make no difference to any request. */
const LEAST_SEEN = 0.5;
/** The part that the checks find of those, before anything is deployed. */
const LEAST_BEFORE = 0.9;

const rigs = [...ENVOY_RIGS, atsRig(), ingressRig('istio'), ingressRig('gateway-api'), KNATIVE_RIG];

describe('faults made at random places', () => {
  const scores: BlindScore[] = [];

  it.each(rigs.map((rig) => [rig.name, rig] as const))(
    '%s: found by analyze, or by what the proxy does',
    async (name, rig) => {
      const score = await scoreBlind(blindBase(name), rig, { count: COUNT, seed: SEED, all: ALL });
      scores.push(score);
      console.log(describeScore(score));
      if (FOLDER !== undefined) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(path.join(FOLDER, `${name.replaceAll(' ', '-')}.json`), JSON.stringify(score, null, 1));
      }
      const { faults, together } = countsOf(score.judged);
      expect(together / faults).toBeGreaterThan(LEAST_SEEN);
    },
    WITHIN_MS,
  );

  it('are found by analyze, most of them, before anything is deployed', () => {
    const { byAnalyze, together } = countsOf(scores.flatMap(({ judged }) => judged));
    console.log(scoreTable(scores));
    expect(byAnalyze / together).toBeGreaterThan(LEAST_BEFORE);
  });
});
