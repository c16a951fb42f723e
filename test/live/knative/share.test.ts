import { beforeAll, describe, expect, it } from 'vitest';
import { diversionText, SWITCHED_OFF, withHosts, withShare } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import { MESH_TIMEOUT_MS, type MeshRequest, runMesh, type Step } from './mesh-run.ts';
import { DIVERTED, OTHER, steady } from './requests.ts';
import { mergedValues, TODAY } from './values.ts';

const COUNT = 400;
const SHARE = 30;
/** Five standard deviations. */
const SPREAD = 5 * Math.sqrt(COUNT * 0.3 * 0.7);
const PRODUCTION = 'production mw-api-int-ro.discovery.wmnet:4446';
const TARGET = 'target web';

/** As production is sent it today, spelling and all. */
const SPELLED = { ...DIVERTED, headers: ['Host: TEST.wikipedia.org:4680'] };
const FAILING = [DIVERTED, OTHER].map((request) => ({
  ...request,
  headers: [...request.headers, 'x-stage-status: 503'],
}));

function send(...requests: readonly MeshRequest[]): Step {
  return { kind: 'send', requests };
}

function many(request: MeshRequest): readonly MeshRequest[] {
  return Array.from({ length: COUNT }, () => request);
}

function sites(answers: readonly Answer[] | undefined): Record<string, number> {
  const groups = Map.groupBy(answers ?? [], ({ seen, status }) => seen?.site ?? `status ${status}`);
  return Object.fromEntries([...groups].map(([site, list]) => [site, list.length]));
}

const TWO_HOSTS = withHosts('test.wikipedia.org', 'en.wikipedia.org');

let answers: Answer[][] = [];

beforeAll(async () => {
  answers = await runMesh(diversionText(TWO_HOSTS), [
    { kind: 'values', values: TODAY },
    send(SPELLED, ...FAILING),
    { kind: 'values', values: mergedValues(withShare(SHARE)) },
    send(...many(SPELLED)),
    { kind: 'values', values: mergedValues(SWITCHED_OFF) },
    send(SPELLED, ...many(DIVERTED)),
    { kind: 'values', values: mergedValues(TWO_HOSTS) },
    send(DIVERTED, OTHER, ...FAILING),
    { kind: 'values', values: mergedValues(withShare(SHARE)) },
    { kind: 'stop', host: 'mw-pretrain.discovery.wmnet' },
    send(...many(DIVERTED)),
    { kind: 'values', values: TODAY },
    send(SPELLED, ...FAILING),
  ]);
}, MESH_TIMEOUT_MS);

describe('a share', () => {
  it('is that of the requests, each decided by itself', () => {
    const counts = sites(answers[3]);
    expect(Object.keys(counts).sort()).toEqual([PRODUCTION, TARGET]);
    expect(Math.abs((counts[TARGET] ?? 0) - (COUNT * SHARE) / 100)).toBeLessThan(SPREAD);
  });

  it('leaves requests outside it as they are today', () => {
    const [today] = answers[1] ?? [];
    const outside = answers[3]?.filter(({ seen }) => seen?.site === PRODUCTION) ?? [];
    const [one] = outside;
    expect(one?.seen?.authority).toBe('TEST.wikipedia.org:4680');
    for (const answer of outside) expect(withoutOperation(answer)).toEqual(withoutOperation(today as Answer));
  });

  it('of 0 is production alone', () => {
    const [spelled, ...others] = answers[5] ?? [];
    expect(steady(spelled as Answer)).toEqual(steady(answers[1]?.[0] as Answer));
    expect(sites(others)).toEqual({ [PRODUCTION]: COUNT });
  });

  it('keeps those inside it off production while the target is down', () => {
    const counts = sites(answers[10]);
    expect(Object.keys(counts).sort()).toEqual([PRODUCTION, 'status 503']);
    expect(Math.abs((counts['status 503'] ?? 0) - (COUNT * SHARE) / 100)).toBeLessThan(SPREAD);
  });
});

describe('another host', () => {
  it('is diverted under its own name', () => {
    expect(answers[7]?.slice(0, 2)).toMatchObject([
      { seen: { site: TARGET, authority: 'test.wikipedia.org' } },
      { seen: { site: TARGET, authority: 'en.wikipedia.org' } },
    ]);
  });
});

describe('a diverted request', () => {
  it('is retried as often as it was in production', () => {
    const arrivals = (list: readonly Answer[] | undefined) =>
      list?.slice(-2).map((answer) => answer.arrivals);
    expect(arrivals(answers[7])).toEqual(arrivals(answers[1]));
  });
});

describe('values with the diversion taken out', () => {
  it('are followed as they were before it', () => {
    const given = (list: readonly Answer[] | undefined) => list?.map(steady);
    expect(given(answers[12])).toEqual(given(answers[1]));
  });
});

/** Istio names the route in a header to the upstream; a route with two destinations has the VirtualService's name. */
function withoutOperation(answer: Answer): object {
  const { seen } = answer;
  if (!seen) return steady(answer);
  const { 'x-envoy-decorator-operation': _, ...headers } = seen.headers;
  return steady({ ...answer, seen: { ...seen, headers } });
}
