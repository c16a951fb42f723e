import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../webhook/core/decide.ts';
import { type Change, diversionPlan, diversionText } from '../../fixtures/diversions.ts';
import { targetSite } from '../../stage/world.ts';
import type { Answer } from '../live-request.ts';
import { MESH_TIMEOUT_MS, runMesh } from './mesh-run.ts';
import { API_PORTS, authorityOf, DIVERTED, OTHER, REQUESTS, steady } from './requests.ts';
import { MANY_HOSTS, mergedValues, TODAY } from './values.ts';

const TARGET = 'mw-pretrain.discovery.wmnet';

const DIVERSIONS: readonly (readonly [string, readonly Change[]])[] = [
  ['one host, which gets routes', []],
  ['many hosts, which get objects of their own', [MANY_HOSTS]],
];

describe.each(DIVERSIONS)('a sidecar of the mesh, under the real control plane, with %s', (_, changes) => {
  const plan = diversionPlan(...changes);
  let before: readonly Answer[] = [];
  let after: readonly Answer[] = [];
  let down: readonly Answer[] = [];

  beforeAll(async () => {
    const answers = await runMesh(diversionText(...changes), [
      { kind: 'values', values: TODAY },
      { kind: 'send', requests: REQUESTS },
      { kind: 'values', values: mergedValues(...changes) },
      { kind: 'send', requests: REQUESTS },
      { kind: 'stop', host: TARGET },
      { kind: 'send', requests: [DIVERTED, OTHER] },
    ]);
    [, before = [], , after = [], , down = []] = answers;
  }, MESH_TIMEOUT_MS);

  it.each(REQUESTS.map((request, index) => ({ index, request, text: JSON.stringify(request) })))(
    '$text',
    ({ index, request }) => {
      const [was, is] = [before[index] as Answer, after[index] as Answer];
      const authority = authorityOf(request);
      const upstream = API_PORTS.includes(request.port) ? 'mw-api-int-ro' : 'another';
      const { method = 'GET', target: path } = request;
      const decision = decide(plan, { edge: 'knative', upstream, method, authority, path });
      if (decision.to === 'production') {
        expect(steady(is)).toEqual(steady(was));
        expect(is.seen?.site ?? '').not.toMatch(/^target|somebody else/);
        return;
      }
      expect(is).toMatchObject({
        status: 200,
        arrivals: 1,
        seen: {
          site: targetSite(decision.to),
          sni: decision.sni,
          authority: decision.authority,
          method,
          path: path.replace(/^http:\/\/[^/]*/, ''),
        },
      });
      expect(is.seen?.headers['x-forwarded-proto']).toBe('https');
    },
  );

  it('went to production before', () => {
    const [first] = before;
    expect(first).toMatchObject({
      status: 200,
      seen: { site: 'production mw-api-int-ro.discovery.wmnet:4446', authority: 'test.wikipedia.org' },
    });
  });

  it('gives an error and no answer of production while the target is down, and other wikis feel nothing', () => {
    const [diverted, other] = down;
    expect(diverted).toMatchObject({ status: 503, arrivals: 0 });
    expect(other).toMatchObject({ status: 200, seen: { authority: 'en.wikipedia.org' } });
  });
});
