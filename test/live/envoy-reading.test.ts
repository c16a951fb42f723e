import { describe, expect, it } from 'vitest';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { fixtureText } from '../fixtures/read.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf } from './ask.ts';
import type { LiveRequest } from './live-request.ts';
import { findFault } from './side-by-side.ts';

const plan = planOf(diversion);

/** The route to the internal API under a condition, and one for everything else to another service. */
function conditioned(match: string): string {
  const route =
    /- match:\n {18}prefix: "\/"\n {16}route:\n {18}cluster: mw-api-int-async\n {18}timeout: 120s\n/g;
  return fixtureText('envoy/mesh.yaml').replace(
    route,
    `- match: ${match}
                route: {cluster: mw-api-int-async, timeout: 120s}
              - match: {prefix: "/"}
                route: {cluster: restbase-for-services}
`,
  );
}

const CONDITIONS: readonly (readonly [string, string])[] = [
  ['a fraction, which is text', '{prefix: "/", headers: [{name: x-v, string_match: {exact: 1.10}}]}'],
  ['a fraction that ends in zero', '{prefix: "/", headers: [{name: x-v, string_match: {exact: 1.0}}]}'],
  ['one element in the place of a list', '{prefix: "/", headers: {name: x-v, present_match: true}}'],
];

const requests: LiveRequest[] = ['test.wikipedia.org', 'en.wikipedia.org'].flatMap((authority) =>
  [undefined, '1.10', '1.1', '1.0', '1'].map((version) => ({
    address: '127.0.0.1',
    port: 6500,
    tls: false,
    method: 'GET',
    path: '/w/api.php',
    authority,
    ...(version === undefined ? {} : { headers: { 'x-v': version } }),
  })),
);

describe.each(ENVOY_VERSIONS)('Envoy %s reads a copy as it reads the original', (version) => {
  it.each(CONDITIONS)('%s', async (_, match) => {
    const config = conditioned(match);
    expect(config).toContain(match);
    const diverted = divertText(config, plan);
    if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
    const before = await ask(version, config, requests);
    const after = await ask(version, diverted.value.text, requests);
    const faults = requests.flatMap(
      (request, index) =>
        findFault(plan, 'mesh', { request, before: before[index], after: after[index] }) ?? [],
    );
    expect(faults).toEqual([]);
    expect(after.filter(({ seen }) => seen?.site === 'target web').length).toBeGreaterThan(0);
    expect(after.filter(({ seen }) => seen?.site.startsWith('restbase')).length).toBeGreaterThan(0);
  });
});
