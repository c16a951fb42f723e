import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import type { LiveRequest } from './live-request.ts';

const ATTEMPTS = 40;
const half = diversion.replace(/^ {2}share: 100$/m, '  share: 50');
const config = readFileSync(path.join(ROOT, 'test/fixtures/envoy/jobrunner-listener.yaml'), 'utf8');

it.each(ENVOY_VERSIONS)('attempts of one job are drawn one by one, with Envoy %s', async (version) => {
  const diverted = divertText(config, planOf(half));
  if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
  const attempt: LiveRequest = {
    address: '127.0.0.1',
    port: 6506,
    tls: false,
    method: 'POST',
    path: '/rpc/RunSingleJob.php',
    authority: 'test.wikipedia.org',
    headers: { 'x-request-id': '0f8fad5b-d9cb-469f-a165-70867728950e' },
  };
  const attempts = Array.from({ length: ATTEMPTS }, () => attempt);
  const answers = await ask(version, diverted.value.text, attempts, { diversion: half });
  const sites = new Set(answers.map(({ seen }) => seen?.site));
  expect([...sites].sort()).toEqual(['mw-jobrunner.discovery.wmnet:4448', 'target jobrunner']);
});
