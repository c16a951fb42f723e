import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, debugBackendOf, decide, type Request } from '../../webhook/core/decide.ts';
import { EDGES } from '../../webhook/core/diversion.ts';
import { REASONS } from '../../webhook/core/reasons.ts';
import {
  type Change,
  diversionPlan,
  NO_CDN,
  SWITCHED_OFF,
  withHosts,
  withShare,
} from '../fixtures/diversions.ts';
import { RUNS } from '../property/runs.ts';

const HOST = 'test.wikipedia.org';
const API: Request = {
  edge: 'sidecar',
  upstream: 'mw-api-int',
  method: 'GET',
  authority: HOST,
  path: '/w/api.php',
};
const JOB: Request = {
  edge: 'sidecar',
  upstream: 'mw-jobrunner',
  method: 'POST',
  authority: HOST,
  path: '/rpc/RunSingleJob.php',
};
const CDN: Request = { edge: 'ats', upstream: 'mw-web', method: 'GET', authority: HOST, path: '/wiki/X' };
const AT_GATEWAY: Request = {
  edge: 'rest-gateway',
  upstream: 'mw-api-ext-ro',
  method: 'GET',
  authority: 'rest-gateway.discovery.wmnet:4113',
  path: `/${HOST}/v1/page/html/X`,
};
const CORE = '/core/v1/wikipedia';
const INGRESS: Request = { edge: 'ingress', method: 'GET', authority: HOST, path: '/wiki/X' };
const IN_FRONT: Request = { ...API, edge: 'ingress' };
const GATEWAY = 'mw-pretrain.discovery.wmnet';
const JOB_GATEWAY = 'mw-pretrain-jobrunner.discovery.wmnet';
const TO_WEB: Decision = { to: 'web', reason: 'diverted', authority: HOST, sni: GATEWAY };
const BY_PATH: Decision = { ...TO_WEB, reason: 'diverted-by-path' };
const OTHER_PATH: Decision = { to: 'production', reason: 'path-not-diverted' };
const TO_DEBUG: Decision = { ...TO_WEB, to: 'debug' };
const TO_JOBS: Decision = { to: 'jobrunner', reason: 'diverted', authority: JOB_GATEWAY, sni: JOB_GATEWAY };
const OTHER_HOST: Decision = { to: 'production', reason: 'host-not-diverted' };
const OUTSIDE: Decision = { to: 'production', reason: 'outside-share' };

interface Case {
  readonly rule: string;
  readonly request: Request;
  readonly expected: Decision;
  readonly changes?: readonly Change[];
}

const debugHeader = (value: string) => ({ headers: { 'x-wikimedia-debug': value } });

const CASES: readonly Case[] = [
  // 1: spellings of a host, and what is none
  ...['TEST.wikipedia.org', `${HOST}:6501`, `${HOST}.`, `${HOST}.:6501`].map((authority) => ({
    rule: `the host is diverted when spelt ${authority}`,
    request: { ...API, authority },
    expected: TO_WEB,
  })),
  ...[
    'xtest.wikipedia.org',
    'test2.wikipedia.org',
    `${HOST}.evil.example`,
    '',
    'te\u017Ft.wi\u212Aipedia.org',
  ].map((authority) => ({
    rule: `another host stays in production: ${JSON.stringify(authority)}`,
    request: { ...API, authority },
    expected: OTHER_HOST,
  })),
  {
    rule: 'X-Forwarded-Host does not make a host diverted',
    request: { ...API, authority: 'en.wikipedia.org', headers: { 'x-forwarded-host': HOST } },
    expected: OTHER_HOST,
  },
  {
    rule: 'X-Forwarded-Host does not take a host out',
    request: { ...API, headers: { 'x-forwarded-host': 'en.wikipedia.org' } },
    expected: TO_WEB,
  },
  {
    rule: 'a host in the path alone is no diverted host',
    request: { ...API, authority: 'en.wikipedia.org', path: `/${HOST}/v1/page` },
    expected: OTHER_HOST,
  },
  {
    rule: 'each of several hosts is diverted under its own name',
    request: { ...API, authority: 'TEST.m.wikipedia.org' },
    changes: [withHosts(HOST, 'test.m.wikipedia.org')],
    expected: { ...TO_WEB, authority: 'test.m.wikipedia.org' },
  },
  {
    rule: 'at the CDN, a mobile name stands for its host',
    request: { ...CDN, authority: 'TEST.m.wikipedia.org:80' },
    expected: TO_WEB,
  },
  {
    rule: 'elsewhere it is a name like any other',
    request: { ...API, authority: 'test.m.wikipedia.org' },
    expected: OTHER_HOST,
  },
  {
    rule: 'at the CDN, a mobile name that is itself diverted stands for itself',
    request: { ...CDN, authority: 'test.m.wikipedia.org' },
    changes: [withHosts(HOST, 'test.m.wikipedia.org')],
    expected: { ...TO_WEB, authority: 'test.m.wikipedia.org' },
  },
  {
    rule: 'at the CDN, a mobile name of a host that is not diverted is not either',
    request: { ...CDN, authority: 'test.m.wikipedia.org' },
    changes: [withHosts('test2.wikipedia.org')],
    expected: OTHER_HOST,
  },
  // 3 and 4: authority and SNI
  {
    rule: 'the authority is sent in canonical form',
    request: { ...API, authority: 'TEST.Wikipedia.org.:443' },
    expected: TO_WEB,
  },
  { rule: 'jobs are sent under the name of their gateway', request: JOB, expected: TO_JOBS },
  // what edges lead to
  {
    rule: 'an upstream that is not declared stays in production',
    request: { ...API, upstream: 'restbase' },
    expected: { to: 'production', reason: 'upstream-not-declared' },
  },
  {
    rule: 'no upstream at all stays in production',
    request: { edge: 'mesh', method: 'GET', authority: HOST, path: '/' },
    expected: { to: 'production', reason: 'upstream-not-declared' },
  },
  // 7: the share
  {
    rule: 'a draw below the share is diverted',
    request: { ...API, draw: 29.99 },
    changes: [withShare(30)],
    expected: TO_WEB,
  },
  {
    rule: 'a draw at the share is not',
    request: { ...API, draw: 30 },
    changes: [withShare(30)],
    expected: OUTSIDE,
  },
  {
    rule: 'share 0 diverts nothing',
    request: { ...API, draw: 0 },
    changes: [withShare(0)],
    expected: OUTSIDE,
  },
  { rule: 'share 100 diverts the last draw', request: { ...API, draw: 99.999 }, expected: TO_WEB },
  {
    rule: 'without a draw any share above 0 diverts',
    request: API,
    changes: [withShare(1)],
    expected: TO_WEB,
  },
  {
    rule: 'a diversion that is switched off diverts nothing, and says so',
    request: API,
    changes: [SWITCHED_OFF],
    expected: { to: 'production', reason: 'diversion-disabled' },
  },
  {
    rule: 'another host of a diversion that is switched off is still another host',
    request: { ...API, authority: 'en.wikipedia.org' },
    changes: [SWITCHED_OFF],
    expected: OTHER_HOST,
  },
  // 8: the allow-list
  { rule: 'a job may have a query', request: { ...JOB, path: `${JOB.path}?a=b` }, expected: TO_JOBS },
  {
    rule: 'the health check of the job runners is allowed',
    request: { ...JOB, method: 'GET', path: '/w/health-check.php' },
    expected: TO_JOBS,
  },
  ...[
    { ...JOB, method: 'GET' },
    { ...JOB, method: 'post' },
    { ...JOB, path: '/w/api.php' },
    { ...JOB, path: '/rpc/RunSingleJob.php/' },
    { ...JOB, path: '/rpc/runsinglejob.php' },
    { ...JOB, path: '//rpc/RunSingleJob.php' },
    { ...JOB, path: '' },
  ].map((request) => ({
    rule: `the job runners refuse ${request.method} ${request.path}`,
    request,
    expected: { to: 'refused', reason: 'not-in-allow-list' } as const,
  })),
  {
    rule: 'a job outside the share is not refused, but production’s',
    request: { ...JOB, method: 'GET', draw: 50 },
    changes: [withShare(50)],
    expected: OUTSIDE,
  },
  // the CDN
  { rule: 'the CDN sends web traffic to web', request: CDN, expected: TO_WEB },
  {
    rule: 'the CDN refuses jobs from outside',
    request: { ...CDN, method: 'POST', path: '/rpc/RunSingleJob.php?x' },
    expected: { to: 'refused', reason: 'refused-outside' },
  },
  {
    rule: 'the CDN lets production refuse its own',
    request: { ...CDN, authority: 'en.wikipedia.org', path: '/rpc/RunSingleJob.php' },
    expected: OTHER_HOST,
  },
  {
    rule: 'the CDN sends debug traffic to debug',
    request: { ...CDN, ...debugHeader('backend=k8s-mw-pretrain; log') },
    expected: TO_DEBUG,
  },
  {
    rule: 'the CDN refuses a debug backend that the other environment does not have',
    request: { ...CDN, ...debugHeader('backend=mwdebug1001.eqiad.wmnet') },
    expected: { to: 'refused', reason: 'debug-backend-unknown' },
  },
  // the REST gateway, where paths name wikis too
  ...['rest-gateway.discovery.wmnet', 'REST-gateway-ro.discovery.wmnet.:4113', 'localhost:6033'].map(
    (authority) => ({
      rule: `under the gateway's own name ${authority} the path decides`,
      request: { ...AT_GATEWAY, authority },
      expected: BY_PATH,
    }),
  ),
  ...[`///${HOST}/v1/page/html/X`, '/TEST.wikipedia.org/v1/page/html/X?a=/b', `/${HOST}/v1/`].map((path) => ({
    rule: `the path may be spelt ${path}`,
    request: { ...AT_GATEWAY, path },
    expected: BY_PATH,
  })),
  ...[
    '/en.wikipedia.org/v1/page/html/X',
    `/${HOST}:443/v1/page/html/X`,
    `/x${HOST}/v1/page/html/X`,
    `/${HOST}.evil.example/v1/page`,
    '/te\u017Ft.wi\u212Aipedia.org/v1/page',
    '/testxwikipedia.org/v1/page',
  ].map((path) => ({
    rule: `it names another wiki: ${path}`,
    request: { ...AT_GATEWAY, path },
    expected: path.includes('\u017F') ? OTHER_HOST : OTHER_PATH,
  })),
  ...['/w/api.php', `/${HOST}`, `/x/${HOST}/v1/page`, `/w/api.php?/${HOST}/v1/`].map((path) => ({
    rule: `it names none: ${path}`,
    request: { ...AT_GATEWAY, path },
    expected: OTHER_HOST,
  })),
  {
    rule: 'Host decides where it names a wiki, whatever the path',
    request: { ...AT_GATEWAY, authority: 'en.wikipedia.org' },
    expected: OTHER_HOST,
  },
  {
    rule: 'Host decides where it names a diverted wiki, whatever the path',
    request: { ...AT_GATEWAY, authority: `${HOST}:6033`, path: '/en.wikipedia.org/v1/page/html/X' },
    expected: TO_WEB,
  },
  ...['en.wikipedia.org', HOST, 'api.wikimedia.org', 'localhost:6033'].flatMap((authority) => [
    {
      rule: `the path decides instead of the Host ${authority}`,
      request: { ...AT_GATEWAY, authority, path: `/${CORE}/Test/page/X` },
      expected: BY_PATH,
    },
    {
      rule: `another path does instead of the Host ${authority}`,
      request: { ...AT_GATEWAY, authority, path: `${CORE}/en/page/X` },
      expected: OTHER_PATH,
    },
  ]),
  {
    rule: 'a path that the gateway gives to one wiki is not another’s',
    request: { ...AT_GATEWAY, authority: HOST, path: '/core/v1/commons/page/X' },
    expected: OTHER_PATH,
  },
  {
    rule: 'a further host needs no path of its own',
    request: { ...AT_GATEWAY, path: '/core/v1/wikidata/x' },
    changes: [withHosts(HOST, 'www.wikidata.org')],
    expected: { ...BY_PATH, authority: 'www.wikidata.org' },
  },
  {
    rule: 'a path diverts within the share alone',
    request: { ...AT_GATEWAY, draw: 30 },
    changes: [withShare(30)],
    expected: OUTSIDE,
  },
  {
    rule: 'a path diverts nothing to what is not declared',
    request: { ...AT_GATEWAY, upstream: 'mobileapps' },
    expected: { to: 'production', reason: 'upstream-not-declared' },
  },
  ...EDGES.filter((edge) => edge !== 'rest-gateway' && edge !== 'ingress').map((edge) => ({
    rule: `paths name nothing at the edge ${edge}`,
    request: { ...AT_GATEWAY, edge },
    expected: OTHER_HOST,
  })),
  // the ingress, which stands in the other environment
  { rule: 'the ingress sends a host to web', request: INGRESS, expected: TO_WEB },
  {
    rule: 'the ingress sends debug traffic to debug',
    request: { ...INGRESS, ...debugHeader('k8s-mw-pretrain') },
    expected: TO_DEBUG,
  },
  {
    rule: 'the ingress takes an unknown debug backend for web',
    request: { ...INGRESS, ...debugHeader('other') },
    expected: TO_WEB,
  },
  {
    rule: 'the ingress never lets outside traffic reach a job',
    request: { ...INGRESS, method: 'POST', path: '/rpc/RunSingleJob.php' },
    expected: { to: 'refused', reason: 'refused-outside' },
  },
  {
    rule: 'the ingress refuses it in any spelling',
    request: { ...INGRESS, path: '/rpc//RunSingleJob%2Ephp/x?y' },
    expected: { to: 'refused', reason: 'refused-outside' },
  },
  {
    rule: 'the ingress serves what others diverted, at any share',
    request: INGRESS,
    changes: [SWITCHED_OFF],
    expected: TO_WEB,
  },
  {
    rule: 'the web gateway answers to its own names',
    request: { ...INGRESS, authority: 'mw-pretrain.svc.codfw.wmnet' },
    expected: { ...TO_WEB, authority: 'mw-pretrain.svc.codfw.wmnet' },
  },
  {
    rule: 'no other name is any of its business',
    request: { ...INGRESS, authority: 'en.wikipedia.org' },
    expected: { to: 'production', reason: 'host-not-diverted' },
  },
  {
    rule: 'the ingress takes jobs under the name of the job gateway, at any share',
    request: { ...INGRESS, method: 'POST', authority: JOB_GATEWAY, path: '/rpc/RunSingleJob.php' },
    changes: [withShare(0)],
    expected: TO_JOBS,
  },
  {
    rule: 'the job gateway refuses anything else',
    request: { ...INGRESS, authority: JOB_GATEWAY },
    expected: { to: 'refused', reason: 'not-in-allow-list' },
  },
  // the ingress in front of production's services, which the other topology has
  { rule: 'the ingress diverts calls in front of a service', request: IN_FRONT, expected: TO_WEB },
  {
    rule: 'it serves at once what it diverts: debug traffic',
    request: { ...IN_FRONT, ...debugHeader('k8s-mw-pretrain') },
    expected: TO_DEBUG,
  },
  {
    rule: 'no call reaches a job, though it comes from inside',
    request: { ...IN_FRONT, method: 'POST', path: '/rpc/RunSingleJob.php' },
    expected: { to: 'refused', reason: 'refused-outside' },
  },
  {
    rule: 'it diverts jobs in front of the job runners',
    request: { ...JOB, edge: 'ingress', authority: 'TEST.wikipedia.org.:4448' },
    expected: TO_JOBS,
  },
  {
    rule: 'and nothing but jobs',
    request: { ...JOB, edge: 'ingress', method: 'GET' },
    expected: { to: 'refused', reason: 'not-in-allow-list' },
  },
  {
    rule: 'in front of a service the share counts',
    request: { ...IN_FRONT, draw: 30 },
    changes: [withShare(30)],
    expected: OUTSIDE,
  },
  {
    rule: 'the names of the gateways mean nothing in front of a service',
    request: { ...IN_FRONT, authority: GATEWAY },
    expected: OTHER_HOST,
  },
  {
    rule: 'a service that does not stand behind the ingress is not diverted there',
    request: { ...IN_FRONT, upstream: 'mw-web' },
    expected: { to: 'production', reason: 'upstream-not-declared' },
  },
  {
    rule: 'an edge that the diversion does not declare diverts nothing',
    request: {
      edge: 'ats',
      upstream: 'mw-web',
      method: 'GET',
      authority: 'test.wikipedia.org',
      path: '/wiki/X',
    },
    expected: { to: 'production', reason: 'edge-not-declared' },
    changes: [NO_CDN],
  },
  {
    rule: "the model servers' egress diverts no upstream with another target than its own",
    request: {
      edge: 'knative',
      upstream: 'mw-jobrunner',
      method: 'POST',
      authority: 'test.wikipedia.org',
      path: '/rpc/RunSingleJob.php',
    },
    expected: { to: 'production', reason: 'upstream-not-diverted' },
  },
];

describe('decide', () => {
  it.each(CASES)('$rule', ({ request, expected, changes = [] }) => {
    expect(decide(diversionPlan(...changes), request)).toEqual(expected);
  });

  it('refuses at the ingress when there is no web target', () => {
    const plan = { ...diversionPlan(), targets: [] };
    expect(decide(plan, INGRESS)).toEqual({ to: 'refused', reason: 'no-such-target' });
  });

  it('gives every reason of the catalogue in this file', () => {
    const given = new Set([...CASES.map(({ expected }) => expected.reason), 'no-such-target']);
    expect([...given].sort()).toEqual(Object.keys(REASONS).sort());
  });

  it('leaves every host that is not declared in production, at every edge', () => {
    const plan = diversionPlan();
    const request = fc.record({
      edge: fc.constantFrom(...EDGES),
      upstream: fc.constantFrom(...plan.upstreams.map(({ name }) => name), 'other'),
      method: fc.constantFrom('GET', 'POST'),
      authority: fc.oneof(fc.domain(), fc.string(), fc.constantFrom('xtest.wikipedia.org', 'wikipedia.org')),
      path: fc.webPath(),
      draw: fc.integer({ min: 0, max: 99 }),
      headers: fc.constantFrom({}, { 'x-forwarded-host': HOST, 'x-wikimedia-debug': 'k8s-mw-pretrain' }),
    });
    fc.assert(
      fc.property(request, (other) => {
        expect(decide(plan, other)).toEqual(OTHER_HOST);
      }),
      { numRuns: RUNS },
    );
  });

  it('diverts at a share all that it diverts at a smaller one', () => {
    const percent = fc.integer({ min: 0, max: 100 });
    const plans = new Map([...Array(101).keys()].map((share) => [share, diversionPlan(withShare(share))]));
    const to = (share: number, draw: number) =>
      decide(plans.get(share) ?? diversionPlan(), { ...API, draw }).to;
    fc.assert(
      fc.property(percent, percent, fc.integer({ min: 0, max: 99 }), (a, b, draw) => {
        if (to(Math.min(a, b), draw) === 'web') expect(to(Math.max(a, b), draw)).toBe('web');
      }),
      { numRuns: RUNS },
    );
  });
});

describe('debugBackendOf', () => {
  it.each([
    ['backend=k8s-mw-pretrain', 'k8s-mw-pretrain'],
    ['log; backend=K8S-mw-pretrain; profile', 'k8s-mw-pretrain'],
    ['k8s-mw-pretrain', 'k8s-mw-pretrain'],
    ['1', '1'],
    ['', ''],
  ])('reads %j as %j', (value, expected) => {
    expect(debugBackendOf(value)).toBe(expected);
  });
});
