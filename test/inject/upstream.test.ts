import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject } from '../../webhook/core/json.ts';
import { findWorkload } from '../../webhook/core/plan.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { inject } from '../../webhook/inject/inject.ts';
import { mapTemplates } from '../../webhook/inject/objects.ts';
import { findLeftovers, replaceOrigins } from '../../webhook/inject/origins.ts';
import type { PodTemplate } from '../../webhook/inject/pod.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { found, inRepository, plain } from '../fixtures/read.ts';

const UPSTREAM = inRepository('../shared/upstream');
const PLAN = diversionPlan();

/** The objects of a manifest of today's services. */
function objectsIn(file: string): JsonObject[] {
  const documents = parseAllDocuments(readFileSync(`${UPSTREAM}/${file}`, 'utf8'), { merge: true });
  return (Array.isArray(documents) ? documents : [])
    .map((document) => document.toJS() as JsonObject)
    .filter(isObject);
}

function templatesIn(file: string): PodTemplate[] {
  const templates: PodTemplate[] = [];
  for (const object of objectsIn(file)) {
    mapTemplates(object, ({ template }) => {
      templates.push(plain(template));
      return template;
    });
  }
  return templates;
}

describe.skipIf(!existsSync(UPSTREAM))(
  'today’s services (skipped where ../shared/upstream is absent)',
  () => {
    describe.each([
      ['changeprop/changeprop.pod.yaml', 'changeprop', 'changeprop'],
      ['changeprop/jobqueue.pod.yaml', 'changeprop-jobqueue', 'jobqueue'],
      ['manifests/changeprop.yaml', 'changeprop', 'changeprop'],
      ['manifests/changeprop-jobqueue.yaml', 'changeprop-jobqueue', 'jobqueue'],
      ['manifests/mobileapps.yaml', 'mobileapps', 'mobileapps'],
    ])('%s', (file, namespace, workload) => {
      const templates = existsSync(UPSTREAM) ? templatesIn(file) : [];
      const outcomes = templates.map((template) => inject(template, namespace, PLAN, 'native'));

      it('has one pod that is injected; tests of the chart are another app', () => {
        const injected = outcomes.filter(({ kind }) => kind === 'injected');
        expect(injected).toMatchObject([{ workload: { name: workload } }]);
        expect(outcomes.filter(({ kind }) => kind === 'refused')).toEqual([]);
      });

      it('is idempotent and has an inverse', () => {
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome.kind !== 'injected') continue;
          const pod = plain(outcome.pod);
          expect(inject(pod, namespace, PLAN, 'native')).toMatchObject({ reason: 'already-injected' });
          expect(plain(uninject(pod, PLAN))).toEqual(templates[index]);
        }
      });
    });

    it.each([
      ['changeprop', 'mw-api-int.discovery.wmnet:4446'],
      ['changeprop-jobqueue', 'mw-jobrunner.discovery.wmnet:4448'],
    ])('the ConfigMap of %s differs in its origins alone', (namespace, place) => {
      const maps = objectsIn(`manifests/${namespace}.yaml`).filter(({ kind }) => kind === 'ConfigMap');
      const texts = maps.map(({ data }) => (data as Record<string, string> | undefined)?.['config.yaml']);
      const text = found(texts.find((candidate) => candidate?.includes(place)));
      const name = namespace === 'changeprop' ? 'changeprop' : 'jobqueue';
      const { listeners } = found(findWorkload(PLAN, name));
      const replaced = replaceOrigins(text, listeners);
      expect(replaced.text).toBe(
        text.split(`https://${place}`).join(`http://127.0.0.1:${listeners[0]?.port}`),
      );
      expect(replaced.count).toBe(text.split(place).length - 1);
      expect(findLeftovers(replaced.text, listeners)).toEqual([]);
    });

    it('the ConfigMap of mobileapps is diverted by its own Envoy', () => {
      const maps = objectsIn('manifests/mobileapps.yaml').filter(({ kind }) => kind === 'ConfigMap');
      const texts = maps.map(({ data }) => (data as Record<string, string> | undefined)?.['envoy.yaml']);
      const result = divertText(found(texts.find((candidate) => candidate !== undefined)), PLAN);
      expect(result).toMatchObject({
        ok: true,
        value: { report: { diverted: 2, clusters: ['mw-api-int-async'], blind: [] } },
      });
    });
  },
);
