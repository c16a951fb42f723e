import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { revert } from '../../../webhook/edges/envoy/revert.ts';
import { diversionPlan } from '../../fixtures/diversions.ts';
import { config, routesOf } from './configs.ts';

const PLAN = diversionPlan();
const CLUSTERS = {
  api: 'mw-api-int.discovery.wmnet:4446',
  ro: 'mw-api-int-ro.discovery.wmnet:4446',
  jobs: 'mw-jobrunner.discovery.wmnet:4448',
  other: 'restbase.discovery.wmnet:7443',
};
const WHOLE: JsonObject = { match: { prefix: '/' }, route: { cluster: 'api' } };

function split(cluster: string, prefix = '/', percent = 10): JsonObject {
  const fraction = { default_value: { numerator: percent }, runtime_key: `shift.${cluster}` };
  return { match: { prefix, runtime_fraction: fraction }, route: { cluster } };
}

/** Where each route of the diverted list leads, in order. */
function order(routes: readonly JsonObject[]): (string | undefined)[] {
  const { config: diverted } = divert(config(CLUSTERS, routes), PLAN);
  return routesOf(diverted).map(({ route }) => (route as { cluster?: string } | undefined)?.cluster);
}

function unsupportedOf(routes: readonly JsonObject[]): number {
  return divert(config(CLUSTERS, routes), PLAN).report.unsupported.length;
}

const WEB = 'shunt-testwiki-web';

describe('a route that takes a share of another', () => {
  it('is passed by the copy of the whole, which stands in front of both', () => {
    expect(order([split('ro'), WHOLE])).toEqual([WEB, 'ro', 'api']);
    expect(order([split('ro'), split('api'), WHOLE])).toEqual([WEB, 'ro', 'api', 'api']);
    expect(unsupportedOf([split('ro'), WHOLE])).toBe(0);
  });

  it('stays in front when it leads to a service that is not declared', () => {
    expect(order([split('other'), WHOLE])).toEqual(['other', WEB, 'api']);
    expect(order([split('ro'), split('other'), WHOLE])).toEqual(['ro', 'other', WEB, 'api']);
    expect(unsupportedOf([split('ro'), split('other'), WHOLE])).toBe(1);
  });

  it.each([
    ['other conditions', [split('ro', '/w/'), WHOLE]],
    ['another target', [split('jobs'), WHOLE]],
    ['no whole behind it', [split('api')]],
  ])('is reported when it has %s', (_what, routes) => {
    expect(unsupportedOf(routes)).toBe(1);
  });

  it('is as it was once the diversion is taken out', () => {
    const original = config(CLUSTERS, [split('ro'), WHOLE]);
    const { config: diverted } = divert(original, PLAN);
    expect(revert(diverted, PLAN.diversion)).toEqual(original);
    expect(divert(diverted, PLAN).config).toEqual(diverted);
  });
});
