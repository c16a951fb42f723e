import { describe, expect, it } from 'vitest';
import { plan as makePlan } from '../../webhook/core/plan.ts';
import { renderedEdges } from '../../webhook/edges/all.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText } from '../fixtures/diversions.ts';
import { golden } from '../fixtures/golden.ts';
import { fixturePath, fixtureText } from '../fixtures/read.ts';

const ENVOYS = ['mesh', 'rest-gateway'] as const;

function planOf(text: string): Plan {
  const parsed = parseDiversion(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.value);
}

/** Every edge's files, and the Envoys of the fixtures with the diversion in them. */
function everything(text: string): Readonly<Record<string, string>> {
  const plan = planOf(text);
  const envoys = ENVOYS.map((name) => {
    const diverted = divertText(fixtureText(`envoy/${name}.yaml`), plan);
    if (!diverted.ok) throw new Error(`${fixturePath(name)}: ${JSON.stringify(diverted.problems)}`);
    return [name, diverted.value.text] as const;
  });
  return Object.assign({}, ...renderedEdges(plan, text), Object.fromEntries(envoys));
}

const OWN = diversionText();

describe('all edges together', () => {
  it('are rendered to the same bytes twice', () => {
    expect(everything(OWN)).toEqual(everything(OWN));
  });

  it.each(ENVOYS)('the Envoy %s is what was recorded', (name) => {
    const text = everything(OWN)[name] ?? '';
    expect(text).toBe(golden(`envoy/${name}.yaml`, text));
  });

  it.each(['sidecar changeprop', 'sidecar jobqueue'])('%s is what was recorded', (name) => {
    const text = everything(OWN)[name] ?? '';
    expect(text).toBe(golden(`envoy/${name.replace(' ', '-')}.yaml`, text));
  });

  it('follow a second host, which is one more line of the diversion', () => {
    const second = diversionText([
      '    - test.wikipedia.org\n',
      '    - test.wikipedia.org\n    - beta.wikipedia.org\n',
    ]);
    const names = Object.entries(everything(second)).filter(([name]) => !isShare(name));
    expect(names.length).toBeGreaterThan(8);
    for (const [name, text] of names) {
      expect(text, name).toMatch(/beta(?:\|test\))?(?:\\*\.|\[\.\])wikipedia/);
      expect(text, name).toMatch(/test\)?(?:\\*\.|\[\.\])wikipedia/);
    }
  });

  it('follow a diversion to another environment, and nothing of the first is left', () => {
    const other = OWN.replaceAll('pretrain-shunt', 'the-program')
      .replaceAll('mw-pretrain', 'mw-rehearsal')
      .replaceAll('Pretrain', 'Rehearsal')
      .replaceAll('testwiki', 'betawiki')
      .replaceAll('test.wikipedia', 'beta.wikipedia')
      .replaceAll('test.m.wikipedia', 'beta.m.wikipedia');
    const files = everything(other);
    expect(Object.keys(files)).toEqual(
      Object.keys(everything(OWN)).map((name) => name.replace('testwiki', 'betawiki')),
    );
    for (const [name, text] of Object.entries(files)) {
      expect(text.replaceAll('pretrain-shunt', ''), name).not.toMatch(
        /pretrain|testwiki|test(?:\\*\.|\[\.\])(?:m\W+)?wikipedia/i,
      );
    }
  });
});

/** Who asks is not what is asked: the file of the share holds a number alone. */
function isShare(name: string): boolean {
  return name.endsWith('.share') || name.endsWith('remap.config');
}
