import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { divertText, revertText } from '../../../webhook/edges/envoy/text.ts';
import { diversionPlan } from '../../fixtures/diversions.ts';
import { fixtureText } from '../../fixtures/read.ts';

const PLAN = diversionPlan();
const BLOCK = fixtureText('envoy/mesh.yaml');
const DATA: unknown = parse(BLOCK);

it.each([
  ['YAML in block style', BLOCK, false],
  ['JSON as it is written here', `${JSON.stringify(DATA, null, 2)}\n`, false],
  ['JSON with another indentation', `${JSON.stringify(DATA, null, 4)}\n`, true],
  ['JSON in one line', JSON.stringify(DATA), true],
  ['flow style', stringify(DATA, { collectionStyle: 'flow' }), true],
])(
  '%s: it is said whether taking the diversion out gives back the same bytes',
  (_name, text, writtenAnew) => {
    const diverted = divertText(text, PLAN);
    if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
    expect(diverted.value.report.diverted).toBeGreaterThan(0);
    expect(diverted.value.writtenAnew).toBe(writtenAnew);
    const back = revertText(diverted.value.text, PLAN.diversion);
    expect(back.ok && back.value === text).toBe(!writtenAnew);
  },
);
