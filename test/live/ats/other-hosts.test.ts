import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diversionText } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import type { WireRequest } from './ats-run.ts';
import { get, RECORDS, runSetup, send } from './setup.ts';
import { DEBUG_VALUES, HOSTS, METHODS, PATHS } from './table.ts';

const REQUESTS = Number(process.env['SHUNT_REQUESTS'] ?? 300);
const SEED = Number(process.env['SHUNT_SEED'] ?? 20261122);

const OURS = /^\s*test(\.m)?\.wikipedia\.org\.?(:\d*)?\s*$/i;
/** Counts and times, which differ from one request to the next. */
const CHANCE = new Set(['date', 'age', 'x-stage-number', 'content-length']);

/** In the Via header, each process of Traffic Server has a name of its own. */
const PROCESS = /\[[0-9a-f-]{36}\]/;

const hosts = fc.oneof(fc.constantFrom(...HOSTS.filter((host) => !OURS.test(host))), fc.domain());
const path = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PATHS) },
  { weight: 1, arbitrary: fc.webPath().map((text) => (text.startsWith('/') ? text : `/${text}`)) },
);
const header = fc.oneof(
  fc.constantFrom(...DEBUG_VALUES).map((value) => `X-Wikimedia-Debug: ${value}`),
  fc.constantFrom('Cookie: UseDC=master', 'X-Client-IP: 10.0.0.1', 'X-Stage-Cache-Control: max-age=60'),
  fc.constantFrom('X-Forwarded-Host: test.wikipedia.org', 'Accept-Encoding: gzip', 'X-Stage-Status: 503'),
);

/** Requests for hosts that are not diverted, in every shape that the rules tell apart. */
const request: fc.Arbitrary<WireRequest> = fc
  .record({
    host: hosts,
    path,
    headers: fc.uniqueArray(header, { maxLength: 2, selector: (line) => line.split(':')[0] }),
    method: fc.constantFrom('GET', 'GET', 'GET', 'PURGE', ...METHODS),
  })
  .map(({ host, path: target, headers, method }) => ({
    ...get(host, target, ...headers, ...(method === 'GET' ? [] : ['Content-Length: 0'])),
    method,
  }));

function whole({ status, seen, headers, text, arrivals, failure }: Answer): object {
  const steady = (all: Answer['headers'] = {}) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) =>
        CHANCE.has(name) ? [] : [[name, String(value).replace(PROCESS, '[]')]],
      ),
    );
  const { headers: sent, ...rest } = seen ?? {};
  return { status, ...rest, sent: steady(sent), headers: steady(headers), text, arrivals, failure };
}

describe('hosts that are not diverted', () => {
  it(`are served as by the untouched rules, side by side, in ${REQUESTS} random requests`, async () => {
    const requests = fc.sample(request, { numRuns: REQUESTS, seed: SEED });
    // One thread, one request at a time: which pooled connection production is asked on is then no chance either.
    const records = [...RECORDS, 'proxy.config.exec_thread.limit INT 1'];
    const setup = { diversion: diversionText(), records, steps: [send(...requests)] };
    const [diverted, untouched] = [await runSetup(setup), await runSetup({ ...setup, untouched: true })];
    const differences = requests.flatMap((sent, index) => {
      const [after, before] = [diverted, untouched].map(({ answers }) =>
        whole(answers[0]?.[index] as Answer),
      );
      return JSON.stringify(after) === JSON.stringify(before) ? [] : [{ sent, after, before }];
    });
    expect(differences.slice(0, 3)).toEqual([]);
    const sites = new Set(untouched.answers[0]?.map(({ seen }) => seen?.site));
    expect(sites.size, 'places where requests ended').toBeGreaterThan(6);
  });
});
