import { readFileSync } from 'node:fs';
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
import { furtherPath, hasFurther } from '../fixtures/further-inputs.ts';
import { fixturePath, fixtureText, found, plain } from '../fixtures/read.ts';

const PLAN = diversionPlan();

/** The objects of a manifest of today's services. */
function objectsIn(file: string): JsonObject[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { merge: true });
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

const FURTHER = [
  ['changeprop/changeprop.pod.yaml', 'changeprop', 'changeprop'],
  ['changeprop/jobqueue.pod.yaml', 'changeprop-jobqueue', 'jobqueue'],
  ['manifests/changeprop.yaml', 'changeprop', 'changeprop'],
  ['manifests/changeprop-jobqueue.yaml', 'changeprop-jobqueue', 'jobqueue'],
  ['manifests/mobileapps.yaml', 'mobileapps', 'mobileapps'],
] as const;
const FURTHER_MAPS = [
  ['changeprop', 'manifests/changeprop.yaml'],
  ['jobqueue', 'manifests/changeprop-jobqueue.yaml'],
] as const;
const MESH_MAP = 'manifests/mobileapps.yaml';
const PLACES = {
  changeprop: 'mw-api-int.discovery.wmnet:4446',
  jobqueue: 'mw-jobrunner.discovery.wmnet:4448',
} as const;

/** What ConfigMaps of a manifest hold under that key. */
function configIn(file: string, key: string): string {
  const maps = objectsIn(file).filter(({ kind }) => kind === 'ConfigMap');
  const texts = maps.map(({ data }) => (data as Record<string, string> | undefined)?.[key]);
  return found(texts.find((text) => text !== undefined && /mw-|admin:/.test(text)));
}

const MANIFESTS: readonly (readonly [file: string, namespace: string, workload: string])[] = [
  [fixturePath('pods/changeprop.yaml'), 'changeprop', 'changeprop'],
  [fixturePath('pods/jobqueue.yaml'), 'changeprop-jobqueue', 'jobqueue'],
  [fixturePath('pods/mobileapps.yaml'), 'mobileapps', 'mobileapps'],
  ...FURTHER.filter(([file]) => hasFurther(file)).map(
    ([file, namespace, workload]) => [furtherPath(file), namespace, workload] as const,
  ),
];

describe.each(MANIFESTS)('%s', (file, namespace, workload) => {
  const templates = templatesIn(file);
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

const CONFIGS: readonly (readonly [workload: string, text: string])[] = [
  ['changeprop', fixtureText('config/changeprop.yaml')],
  ['jobqueue', fixtureText('config/jobqueue.yaml')],
  ...FURTHER_MAPS.filter(([, file]) => hasFurther(file)).map(
    ([workload, file]) => [workload, configIn(furtherPath(file), 'config.yaml')] as const,
  ),
];

it.each(CONFIGS)('the configuration of %s differs in its origins alone', (workload, text) => {
  const { listeners } = found(findWorkload(PLAN, workload));
  const [place = ''] = Object.entries(PLACES).flatMap(([name, value]) => (name === workload ? [value] : []));
  const replaced = replaceOrigins(text, listeners);
  expect(replaced.text).toBe(text.split(`https://${place}`).join(`http://127.0.0.1:${listeners[0]?.port}`));
  expect(replaced.count).toBe(text.split(place).length - 1);
  expect(findLeftovers(replaced.text, listeners)).toEqual([]);
});

const MESHES = [
  fixtureText('envoy/mesh.yaml'),
  ...(hasFurther(MESH_MAP) ? [configIn(furtherPath(MESH_MAP), 'envoy.yaml')] : []),
];

it.each(MESHES)('the configuration of a pod’s own Envoy is diverted', (text) => {
  expect(divertText(text, PLAN)).toMatchObject({
    ok: true,
    value: { report: { diverted: 2, clusters: ['mw-api-int-async'], unsupported: [] } },
  });
});
