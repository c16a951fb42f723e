import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { analyze } from '../../webhook/analyze/analyze.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import { readManifests } from '../../webhook/cli/manifests.ts';
import { renderDiversion } from '../../webhook/controller/rendered.ts';
import { plan } from '../../webhook/core/plan.ts';
import { atsFiles } from '../../webhook/edges/ats/files.ts';
import { revertRemap } from '../../webhook/edges/ats/remap.ts';
import { divertText, revertText } from '../../webhook/edges/envoy/text.ts';
import { mergeText, revertText as revertValues } from '../../webhook/edges/knative/text.ts';
import { inject } from '../../webhook/inject/inject.ts';
import { mapTemplates } from '../../webhook/inject/objects.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionPlan, diversionText } from '../fixtures/diversions.ts';
import { fixturePod, fixtureText } from '../fixtures/read.ts';
import { corpus, mutated, spliced } from './mutations.ts';
import { RUNS } from './runs.ts';

/*
 * Whatever the text is, the program says what is wrong with it or takes it: it does not throw, and it does not think
 * for long. More by SHUNT_RUNS=20000.
 */

const PLAN = diversionPlan();
const NAME = PLAN.diversion;
/** A usual input takes a hundredth; other tests run meanwhile. */
const MAX_MS = 3000;

const texts = (kind: string, seeds: readonly string[], take: (text: string) => void) => {
  const data = seeds.map((seed) => parse(seed));
  return {
    kind,
    take,
    arbitrary: fc.oneof(
      spliced(seeds),
      mutated(data).map((value) => stringify(value, { aliasDuplicateObjects: false })),
      mutated(data).map((value) => JSON.stringify(value)),
    ),
  };
};

function analyzed(file: string, text: string): void {
  const read = readSubjects(file, text);
  if (read.ok) analyze({ plan: PLAN, file: 'diversion.yaml', subjects: read.value });
}

const remap = fixtureText('ats/remap.config');

const KINDS = [
  texts('diversions', [diversionText(), fixtureText('shop.yaml')], (text) => {
    const parsed = parseDiversion(text);
    if (parsed.ok) renderDiversion(text, plan(parsed.value));
  }),
  texts('envoy', [fixtureText('envoy/mesh.yaml'), fixtureText('envoy/jobrunner-listener.yaml')], (text) => {
    const diverted = divertText(text, PLAN);
    revertText(diverted.ok ? diverted.value.text : text, NAME);
    analyzed('envoy.yaml', text);
  }),
  {
    kind: 'rules',
    arbitrary: spliced([remap]),
    take: (text: string) => {
      atsFiles(PLAN, text);
      revertRemap(text, NAME);
      analyzed('remap.config', text);
    },
  },
  texts('values', [fixtureText('knative/values.yaml')], (text) => {
    const merged = mergeText(text, PLAN);
    revertValues(merged.ok ? merged.value.text : text, NAME);
    analyzed('values.yaml', text);
  }),
  texts(
    'pods',
    (['changeprop', 'jobqueue', 'mobileapps'] as const).map((name) => stringify(fixturePod(name))),
    (text) => {
      const file = readManifests(text);
      if (!file.ok) return;
      for (const { object } of file.value.manifests) {
        mapTemplates(object, ({ template, namespace }) => {
          const outcome = inject(template, namespace ?? 'changeprop', PLAN, 'native');
          return uninject(outcome.kind === 'injected' ? outcome.pod : template, PLAN);
        });
      }
    },
  ),
];

describe.each(KINDS)('hostile $kind', ({ kind, arbitrary, take }) => {
  const taken = (text: string): void => {
    const start = performance.now();
    take(text);
    const ms = performance.now() - start;
    if (ms > MAX_MS) throw new Error(`took ${Math.round(ms)} ms`);
  };

  it.each(corpus(kind).map((text) => [JSON.stringify(text.slice(0, 60)), text]))('%s', (_, text) =>
    taken(text),
  );

  it('never throw, and take no time', () => {
    fc.assert(
      fc.property(arbitrary, (text) => taken(text)),
      { numRuns: RUNS, ...(RUNS > 1000 ? { endOnFailure: false } : {}) },
    );
  }, 3_600_000);
});
