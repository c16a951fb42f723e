import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { type Input, withFurther } from '../../fixtures/further-inputs.ts';
import { fixtureText } from '../../fixtures/read.ts';
import { diversion, planOf } from '../ask.ts';
import { ASK_TIMEOUT_MS, askIngress } from './ask.ts';

const INPUTS = withFurther([{ name: 'our own', text: fixtureText('ingress/published.yaml') }], {
  'of the environment': 'manifests/mw-pretrain-network.yaml',
});
const plan = planOf(diversion);
const [host = ''] = plan.hosts;

/** The routing objects that the environment publishes today; its Services are those of the stage, by the same names. */
function objectsOf({ text }: Input): JsonObject[] {
  const documents = parseAllDocuments(text);
  const objects = (Array.isArray(documents) ? documents : []).map(
    (document) => document.toJS() as JsonObject,
  );
  const namespace = plan.edges.ingress?.namespace ?? '';
  return objects
    .filter(({ kind }) => kind !== 'Service')
    .map((object) => ({ ...object, metadata: { ...(object['metadata'] as JsonObject), namespace } }));
}

describe.each(INPUTS)('what an environment publishes by itself, $name, on real Istio', (input) => {
  it(
    'lets through what every target of the diversion sends',
    async () => {
      const debug = { [plan.edges.debug?.header ?? '']: plan.edges.debug?.backends[0] ?? '' };
      const wanted = plan.targets.flatMap(({ role, sni, authority, allow }) => {
        const name = authority === 'preserve' ? host : authority;
        const paths = allow ?? [{ method: 'GET', path: '/wiki/X' }];
        const headers = role === 'debug' ? debug : {};
        return paths.map((request) => ({ role, request: { sni, host: name, headers, ...request } }));
      });
      const answers = await askIngress(
        'istio',
        objectsOf(input),
        wanted.map(({ request }) => request),
      );
      expect(answers.map(({ status, seen }) => [status, seen?.site])).toEqual(
        wanted.map(({ role }) => [200, role]),
      );
    },
    ASK_TIMEOUT_MS,
  );
});
