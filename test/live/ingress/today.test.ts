import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { diversion, planOf, ROOT } from '../ask.ts';
import { ASK_TIMEOUT_MS, askIngress } from './ask.ts';

const TODAY = path.join(ROOT, '../shared/upstream/manifests/mw-pretrain-network.yaml');
const plan = planOf(diversion);
const [host = ''] = plan.hosts;

/** The routing objects that the environment publishes today; its Services are those of the stage, by the same names. */
function objectsOfToday(): JsonObject[] {
  const documents = parseAllDocuments(readFileSync(TODAY, 'utf8'));
  const objects = (Array.isArray(documents) ? documents : []).map(
    (document) => document.toJS() as JsonObject,
  );
  const namespace = plan.edges.ingress?.namespace ?? '';
  return objects
    .filter(({ kind }) => kind !== 'Service')
    .map((object) => ({ ...object, metadata: { ...(object['metadata'] as JsonObject), namespace } }));
}

// The manifests are not part of this repository.
describe.skipIf(!existsSync(TODAY))(
  'what the environment publishes today, on real Istio (skipped where ../shared/upstream is absent)',
  () => {
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
          objectsOfToday(),
          wanted.map(({ request }) => request),
        );
        expect(answers.map(({ status, seen }) => [status, seen?.site])).toEqual(
          wanted.map(({ role }) => [200, role]),
        );
      },
      ASK_TIMEOUT_MS,
    );
  },
);
