import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hostOf } from '../../webhook/core/host.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { findUpstreamAt } from '../../webhook/core/plan.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import type { Answer, LiveRequest } from './live-request.ts';
import { randomRequests } from './requests.ts';

const UPSTREAM = path.join(ROOT, '../shared/upstream/envoy');
const REQUESTS = Number(process.env['SHUNT_REQUESTS'] ?? 2000);
const SEED = Number(process.env['SHUNT_SEED'] ?? 20261122);

const plan = planOf(diversion);

const CONFIGS = [
  ['our own mesh', path.join(ROOT, 'test/fixtures/envoy/mesh.yaml')],
  ['our own gateway', path.join(ROOT, 'test/fixtures/envoy/rest-gateway.yaml')],
  ['termbox', path.join(UPSTREAM, 'termbox.yaml')],
  ['mobileapps', path.join(UPSTREAM, 'mobileapps.yaml')],
  ['the REST gateway', path.join(UPSTREAM, 'rest-gateway.yaml')],
] as const;

describe.each(CONFIGS)('divert on %s', (_name, file) => {
  describe.each(ENVOY_VERSIONS)('with Envoy %s', (version) => {
    it.skipIf(!existsSync(file))(
      `answers ${REQUESTS} random requests as the untouched configuration does, but for the host`,
      async () => {
        const config = readFileSync(file, 'utf8');
        const diverted = divertText(config, plan);
        if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
        const requests = randomRequests(parse(config) as JsonObject, plan.hosts[0] ?? '', REQUESTS, SEED);
        const before = await ask(version, config, requests);
        const after = await ask(version, diverted.value.text, requests);
        const faults = requests.flatMap(
          (request, index) => findFault(request, before[index], after[index]) ?? [],
        );
        expect(faults.slice(0, 5)).toEqual([]);
        const toTarget = after.filter((answer) => answer.seen?.site.startsWith('target')).length;
        expect(toTarget, 'requests that were diverted').toBeGreaterThan(REQUESTS / 50);
      },
    );
  });
});

/** What is wrong with one request: its answer from both configurations, held against the meaning of the diversion. */
function findFault(request: LiveRequest, before?: Answer, after?: Answer): object | undefined {
  const host = hostOf(request.authority);
  const [address = '', port = ''] = before?.seen?.site.split(':') ?? [];
  const upstream = findUpstreamAt(plan, address, Number(port));
  const isDiverted = host !== undefined && plan.hosts.includes(host) && upstream !== undefined;
  if (!isDiverted) {
    const differences = differing(core(before), core(after));
    return differences.length === 0 ? undefined : { request, differences };
  }
  const { target } = upstream;
  // A rewrite of the original's own stays; whatever the authority is, it is sent in canonical form.
  const rewritten = hostOf(before?.seen?.authority ?? '');
  const expected = { ...core(before), sni: target.sni, authority: rewritten };
  const site = after?.seen?.site;
  // A path that names another wiki is rewritten to that wiki, to which the other environment does not answer.
  const reached =
    site === `target ${target.role}` || (rewritten !== host && site === `target ${target.role}: not found`);
  const actual = { ...core(after), site: expected.site, status: expected.status };
  const differences = differing(expected, actual);
  return reached && differences.length === 0 ? undefined : { request, site, differences };
}

/** The parts in which two answers differ, as `name: this is not that`. */
function differing(expected: object, actual: object): string[] {
  const given = new Map(Object.entries(actual));
  return Object.entries(expected).flatMap(([name, value]) => {
    const [wanted, found] = [JSON.stringify(value), JSON.stringify(given.get(name))];
    return wanted === found ? [] : [`${name}: ${found} should be ${wanted}`];
  });
}

/** Headers whose values differ from one request to the next. */
const CHANCE = [
  'x-request-id',
  'traceparent',
  'date',
  'x-envoy-upstream-service-time',
  'host',
  'content-length',
];

function core(answer?: Answer) {
  const { status, seen, text, location, failure } = answer ?? { status: -1 };
  const steady = (headers: Answer['headers'] = {}): [string, unknown][] =>
    Object.entries(headers)
      .filter(([name]) => !CHANCE.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    status,
    site: seen?.site,
    sni: seen?.sni,
    authority: seen?.authority,
    method: seen?.method,
    path: seen?.path,
    sentHeaders: steady(seen?.headers),
    headers: steady(answer?.headers),
    text,
    location,
    failure,
  };
}
