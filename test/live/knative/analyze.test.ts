import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { withHosts, withShare } from '../../fixtures/diversions.ts';
import { analyze } from '../istio/analyze.ts';
import { meshObjects } from './mesh-objects.ts';
import { MANY_HOSTS, mergedValues, TODAY } from './values.ts';

const MINUTE_MS = 60_000;

async function codes(objects: readonly JsonObject[]): Promise<string[]> {
  const messages = await analyze(objects);
  return messages.map(({ level, code }) => `${level} ${code}`).sort();
}

describe("istioctl's own analysis", () => {
  it.each([
    ['whole', mergedValues()],
    ['in part', mergedValues(withShare(30))],
    ['of two hosts', mergedValues(withHosts('test.wikipedia.org', 'test.wikidata.org'))],
    ['of many hosts', mergedValues(MANY_HOSTS)],
  ])(
    'finds no error in values that are diverted %s, and nothing that it does not find today',
    async (_, values) => {
      const [before, after] = [await codes(meshObjects(TODAY)), await codes(meshObjects(values))];
      expect(after.filter((code) => code.startsWith('Error'))).toEqual([]);
      expect(after).toEqual(before);
    },
    5 * MINUTE_MS,
  );

  it(
    'would find a VirtualService of our own beside the one that is there',
    async () => {
      const objects = meshObjects(mergedValues());
      const services = objects.filter(({ kind }) => kind === 'VirtualService');
      const doubles = services.map((object) => ({
        ...object,
        metadata: { name: 'second', namespace: 'knative-serving' },
      }));
      expect(await codes([...objects, ...doubles])).toContain('Error IST0109');
    },
    5 * MINUTE_MS,
  );
});
