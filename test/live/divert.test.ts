import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { withFurther } from '../fixtures/further-inputs.ts';
import { gatewayBootstrap } from '../fixtures/gateway/bootstrap.ts';
import { fixtureText } from '../fixtures/read.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf } from './ask.ts';
import { randomRequests } from './requests.ts';
import { findFault } from './side-by-side.ts';

const REQUESTS = Number(process.env['SHUNT_REQUESTS'] ?? 2000);
const SEED = Number(process.env['SHUNT_SEED'] ?? 20261122);

const plan = planOf(diversion);

const CONFIGS = withFurther(
  [
    { name: 'a mesh', text: fixtureText('envoy/mesh.yaml') },
    { name: 'a small gateway', text: fixtureText('envoy/rest-gateway.yaml') },
    { name: 'a whole gateway', text: gatewayBootstrap() },
  ],
  {
    termbox: 'envoy/termbox.yaml',
    mobileapps: 'envoy/mobileapps.yaml',
    'the deployed REST gateway': 'envoy/rest-gateway.yaml',
  },
);

describe.each(CONFIGS)('divert on $name', ({ name, text: config }) => {
  const edge = name.includes('gateway') ? 'rest-gateway' : 'mesh';
  describe.each(ENVOY_VERSIONS)('with Envoy %s', (version) => {
    it(`answers ${REQUESTS} random requests as the untouched configuration does, but for the host`, async () => {
      const diverted = divertText(config, plan);
      if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
      const requests = randomRequests(parse(config) as JsonObject, plan, REQUESTS, SEED);
      const before = await ask(version, config, requests);
      const after = await ask(version, diverted.value.text, requests);
      const faults = requests.flatMap((request, index) => {
        return findFault(plan, edge, { request, before: before[index], after: after[index] }) ?? [];
      });
      expect(faults.slice(0, 5)).toEqual([]);
      const toTarget = after.filter((answer) => answer.seen?.site.startsWith('target')).length;
      expect(toTarget, 'requests that were diverted').toBeGreaterThan(REQUESTS / 100);
    });
  });
});
