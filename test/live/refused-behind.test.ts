import { describe, expect, it } from 'vitest';
import { isRefusedPath } from '../../webhook/core/refused-path.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { runEnvoy } from '../conformance/drivers/diverted-envoy.ts';
import { plain } from '../conformance/forms.ts';
import { refusedSpellings } from '../conformance/refused-spellings.ts';
import { fixtureText } from '../fixtures/read.ts';
import { diversion, planOf } from './ask.ts';

/*
 * The REST gateway and the Envoys of the mesh refuse no path: the ingress behind them does. So none of them may turn a
 * spelling that the ingress refuses into one that it does not.
 */

const MORE = Number(process.env['SHUNT_REQUESTS'] ?? 1200);
const SCRIPT = '/rpc/RunSingleJob.php';
const FRONTS = [
  '',
  '/w/rest.php/..',
  '/w/rest.php/x/../..',
  '/w/rest.php/..%2f..',
  '/w/rest.php/v1/..;/..',
  '/w/rest.php/',
];

const plan = planOf(diversion);
const [host = ''] = plan.hosts;
const spellings = refusedSpellings(MORE);
const paths = spellings.map((path, index) => `${FRONTS[index % FRONTS.length]}${path}`);

describe.each([
  { name: 'a REST gateway', file: 'envoy/rest-gateway.yaml', port: 8087 },
  { name: "a pod's own Envoy", file: 'envoy/mesh.yaml', port: 6500 },
])('$name', ({ file, port }) => {
  it(`makes none of ${paths.length} spellings one that the ingress would not refuse`, async () => {
    const diverted = divertText(fixtureText(file), plan);
    if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
    const requests = [...spellings, ...paths].map((path) => ({
      form: plain('spelling', host),
      method: 'GET',
      path,
    }));
    const door = { address: '127.0.0.1', port };
    const answers = await runEnvoy('1.40.0', diverted.value.text, door, requests);
    const passed = answers.flatMap(({ site, path = '' }, index) =>
      site?.startsWith('target') ? [{ sent: requests[index]?.path ?? '', path }] : [],
    );
    expect(passed.length).toBeGreaterThan(25);
    const isRefused = (path: string): boolean => isRefusedPath([SCRIPT], path);
    expect(passed.filter(({ sent }) => isRefused(sent)).length).toBeGreaterThan(25);
    expect(passed.filter(({ sent, path }) => isRefused(sent) && !isRefused(path))).toEqual([]);
  });
});
