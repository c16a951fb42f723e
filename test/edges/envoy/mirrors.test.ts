import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { diversionPlan } from '../../fixtures/diversions.ts';
import { API, at, config, copiesIn, JOBS } from './configs.ts';

const PLAN = diversionPlan();
const ROUTE: JsonObject = { match: { prefix: '/' }, route: { cluster: 'api' } };
const MIRROR = [{ cluster: 'api' }];

function mirrorsOfCopy(given: JsonObject): unknown {
  return at(copiesIn(divert(given, PLAN).config)[0], 'route', 'request_mirror_policies');
}

const NEVER = [
  {
    cluster: 'shunt-testwiki-web',
    runtime_fraction: { default_value: { numerator: 0, denominator: 'HUNDRED' } },
  },
];

describe('a diverted request is mirrored nowhere', () => {
  it('though its route is', () => {
    expect(
      mirrorsOfCopy(config(API, [{ ...ROUTE, route: { cluster: 'api', request_mirror_policies: MIRROR } }])),
    ).toEqual(NEVER);
  });

  it('though its virtual host is', () => {
    const text = JSON.stringify(config(API, [ROUTE])).replace(
      '"domains"',
      `"request_mirror_policies":${JSON.stringify(MIRROR)},"domains"`,
    );
    expect(mirrorsOfCopy(JSON.parse(text) as JsonObject)).toEqual(NEVER);
  });

  it('and where nothing is, nothing is said of it', () => {
    expect(mirrorsOfCopy(config(API, [ROUTE]))).toBeUndefined();
  });
});

describe('a target with an allow-list', () => {
  it.each(['prefix_rewrite', 'regex_rewrite'])(
    'gets no copy of a route with %s, which would change the path behind it',
    (field) => {
      const route = { match: { prefix: '/' }, route: { cluster: 'jobs', [field]: '/x' } };
      const { report } = divert(config(JOBS, [route]), PLAN);
      expect(report).toMatchObject({ diverted: 0, unsupported: [{ bypass: true }] });
    },
  );
});
