import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../webhook/core/decide.ts';
import { targetSite } from '../../stage/world.ts';
import { diversion, planOf } from '../ask.ts';
import type { Answer } from '../live-request.ts';
import { MESH_TIMEOUT_MS, runMesh } from './mesh-run.ts';
import { API_PORTS, authorityOf, DIVERTED, OTHER, REQUESTS, steady } from './requests.ts';
import { mergedValues, TODAY } from './values.ts';

const plan = planOf(diversion);
const TARGET = 'mw-pretrain.discovery.wmnet';

let before: readonly Answer[] = [];
let after: readonly Answer[] = [];
let down: readonly Answer[] = [];

beforeAll(async () => {
  const answers = await runMesh(diversion, [
    { kind: 'values', values: TODAY },
    { kind: 'send', requests: REQUESTS },
    { kind: 'values', values: mergedValues() },
    { kind: 'send', requests: REQUESTS },
    { kind: 'stop', host: TARGET },
    { kind: 'send', requests: [DIVERTED, OTHER] },
  ]);
  [, before = [], , after = [], , down = []] = answers;
}, MESH_TIMEOUT_MS);

describe('a sidecar of the mesh, under the real control plane', () => {
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
