import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import { randomRequests } from './requests.ts';
import { findFault } from './side-by-side.ts';

const UPSTREAM = path.join(ROOT, '../shared/upstream/envoy');
const REQUESTS = Number(process.env['SHUNT_REQUESTS'] ?? 2000);
const SEED = Number(process.env['SHUNT_SEED'] ?? 20261122);

const plan = planOf(diversion);

const CONFIGS = [
  ['our own mesh', 'mesh', path.join(ROOT, 'test/fixtures/envoy/mesh.yaml')],
  ['our own gateway', 'rest-gateway', path.join(ROOT, 'test/fixtures/envoy/rest-gateway.yaml')],
  ['termbox', 'mesh', path.join(UPSTREAM, 'termbox.yaml')],
  ['mobileapps', 'mesh', path.join(UPSTREAM, 'mobileapps.yaml')],
  ['the REST gateway', 'rest-gateway', path.join(UPSTREAM, 'rest-gateway.yaml')],
] as const;

describe.each(CONFIGS)('divert on %s', (_name, edge, file) => {
  describe.each(ENVOY_VERSIONS)('with Envoy %s', (version) => {
    it.skipIf(!existsSync(file))(
      `answers ${REQUESTS} random requests as the untouched configuration does, but for the host`,
      async () => {
        const config = readFileSync(file, 'utf8');
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
      },
    );
  });
});
