import { beforeAll, describe, expect, it } from 'vitest';
import { type Decision, decide } from '../../../webhook/core/decide.ts';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { servedAtIngress } from '../../../webhook/core/sites.ts';
import { topologyObjects } from '../../../webhook/edges/ingress/topology-objects.ts';
import { withShare } from '../../fixtures/diversions.ts';
import { diversion, planOf } from '../ask.ts';
import { ASK_TIMEOUT_MS, askPhases } from './ask.ts';
import type { IngressAnswer, IngressRequest, Phase, PhaseAnswers } from './requests.ts';
import { COMMON_PORT, UPSTREAM_TABLE, type UpstreamRow } from './topology-table.ts';

const SHARES = [100, 50, 0] as const;
const REPEATS = 100;
/** More than five standard deviations of a fair coin. */
const WITHIN = 0.26;
const KINDS = ['istio', 'gateway-api'] as const;
type Kind = (typeof KINDS)[number];
/** A rule without backends answers 500, the only refusal that the Gateway API has. */
const REFUSED = { istio: 404, 'gateway-api': 500 } as const;

const plans = SHARES.map((share) => planOf(diversion.replace(...withShare(share))));
const [plan] = plans;
if (!plan) throw new Error('there is no plan');

const JOB: IngressRequest = {
  sni: 'test.wikipedia.org',
  host: 'test.wikipedia.org',
  port: 4448,
  method: 'POST',
  path: '/rpc/RunSingleJob.php',
};
const CALL: IngressRequest = { ...JOB, port: 4446, method: 'GET', path: '/w/api.php' };
const REFUSED_JOB: IngressRequest = { ...JOB, method: 'GET', path: '/wiki/X' };
const COUNTED = [JOB, CALL, REFUSED_JOB];

function objectsAt(kind: Kind, index: number): readonly JsonObject[] {
  const objects = topologyObjects('ingress-all', kind, plans[index] ?? plans[0] ?? raise());
  if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
  return objects.value;
}

function raise(): never {
  throw new Error('there is no plan for this share');
}

function phase(kind: Kind, index: number): Phase {
  const share = SHARES[index];
  const sites = share === 100 ? ['jobrunner', 'web'] : ['production mw-jobrunner', 'production mw-api-int'];
  return {
    objects: objectsAt(kind, index),
    until: [JOB, CALL].map((request, at) => ({ request, site: sites[at] ?? '' })),
    requests:
      share === 50
        ? COUNTED.flatMap((request) => Array.from({ length: REPEATS }, () => request))
        : [...tableAt(share).map(({ request }) => request), ...(share === 100 ? COMMON_PORT : [])],
  };
}

function tableAt(share: number | undefined): readonly UpstreamRow[] {
  return UPSTREAM_TABLE.filter(({ slow }) => share === 100 || !slow);
}

function decisionOf({ upstream, request }: UpstreamRow, index: number): Decision {
  const { host, method = 'GET', path, headers = {} } = request;
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const at = plans[index] ?? raise();
  return decide(at, { edge: 'ingress', upstream, method, authority: host, path, headers: lower });
}

function expectAsDecided(kind: Kind, row: UpstreamRow, answer: IngressAnswer, decision: Decision): void {
  const { arrivals, status, seen } = answer;
  if (decision.to === 'refused') {
    expect({ arrivals, status }).toEqual({ arrivals: 0, status: REFUSED[kind] });
    return;
  }
  expect(arrivals).toBe(1);
  if (row.broken) return;
  const { host, path, method = 'GET', headers = {} } = row.request;
  const production = servedAtIngress(plan ?? raise(), row.upstream);
  expect({ ...answer, seen: undefined, status }).toEqual({
    arrivals: 1,
    status: Number(headers['x-stage-status'] ?? 200),
  });
  expect({ site: seen?.site, path: seen?.path, method: seen?.method, authority: seen?.authority }).toEqual({
    site: decision.to === 'production' ? `production ${production?.name}` : decision.to,
    path: row.arrivesAt ?? path,
    method,
    authority: decision.authority ?? host,
  });
}

const answered = new Map<Kind, readonly PhaseAnswers[]>();

// Each kind has a control plane and a network of its own, and mostly waits.
beforeAll(async () => {
  await Promise.all(
    KINDS.map(async (kind) => {
      const phases = SHARES.map((_, index) => phase(kind, index));
      answered.set(kind, await askPhases(kind, diversion, phases));
    }),
  );
}, ASK_TIMEOUT_MS);

describe.each(KINDS)('topology ingress-all on real Istio, by objects of kind %s', (kind) => {
  const results = (): readonly PhaseAnswers[] => answered.get(kind) ?? [];

  describe.each([100, 0] as const)('at a share of %i', (share) => {
    const index = SHARES.indexOf(share);
    it.each(tableAt(share).map((row, at) => ({ ...row, at })))('$what', ({ at, ...row }) => {
      expectAsDecided(kind, row, results()[index]?.answers[at] ?? {}, decisionOf(row, index));
    });
  });

  it('keeps production services from the port where outside traffic arrives', () => {
    const answers = results()[0]?.answers.slice(UPSTREAM_TABLE.length) ?? [];
    expect(answers.map(({ arrivals }) => arrivals)).toEqual(COMMON_PORT.map(() => 0));
  });

  it('splits jobs and calls, and what is refused, by the share', () => {
    const answers = results()[1]?.answers ?? [];
    const parts = COUNTED.map((_, index) => answers.slice(index * REPEATS, (index + 1) * REPEATS));
    const diverted = (answer: IngressAnswer): boolean => !answer.seen?.site.startsWith('production');
    for (const part of parts) {
      expect(part).toHaveLength(REPEATS);
      expect(Math.abs(part.filter(diverted).length / REPEATS - 0.5)).toBeLessThan(WITHIN);
    }
    const [, , refused = []] = parts;
    for (const { status, arrivals } of refused.filter(diverted))
      expect({ status, arrivals }).toEqual({ status: REFUSED[kind], arrivals: 0 });
  });

  it('is turned in seconds, once the API server has the objects', () => {
    const [, ...turned] = results().map(({ inForceAfterMs }) => Math.round(inForceAfterMs));
    for (const elapsed of turned) expect(elapsed).toBeLessThan(10_000);
  });
});
