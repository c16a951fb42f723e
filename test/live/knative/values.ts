import { parse } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { mergeText } from '../../../webhook/edges/knative/text.ts';
import { type Change, diversionPlan, withHosts } from '../../fixtures/diversions.ts';
import { fixtureText } from '../../fixtures/read.ts';

/** The values of a cluster of model servers as they are before anything is diverted. */
export const TODAY = readValues(fixtureText('knative/values.yaml'));

/** So many that they get objects of their own, but for the one that today's objects have by name. */
export const MANY_HOSTS: Change = withHosts(
  'test.wikipedia.org',
  'test.wiktionary.org',
  ...Array.from({ length: 9 }, (_, index) => `wiki${index}.wikipedia.org`),
  'wikipedia.org',
);

/** The same with the diversion of this repository, changed or not, merged into their text. */
export function mergedValues(...changes: readonly Change[]): JsonObject {
  const merged = mergeText(fixtureText('knative/values.yaml'), diversionPlan(...changes));
  if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
  return readValues(merged.value.text);
}

/** Values as Helm reads them. */
export function readValues(text: string): JsonObject {
  return parse(text, { version: '1.1', merge: true }) as JsonObject;
}
