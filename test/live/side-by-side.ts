import { type Decision, decide } from '../../webhook/core/decide.ts';
import type { Edge } from '../../webhook/core/diversion.ts';
import { findUpstreamAt } from '../../webhook/core/plan.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import type { Answer, LiveRequest } from './live-request.ts';

type Headers = readonly (readonly [string, unknown])[];

/** What the untouched configuration and the diverted one answered to the same request. */
export interface Both {
  readonly request: LiveRequest;
  readonly before: Answer | undefined;
  readonly after: Answer | undefined;
}

/** What is wrong with one request: its answer from both configurations, held against `decide`. */
export function findFault(plan: Plan, edge: Edge, { request, before, after }: Both): object | undefined {
  const decision = decisionOf(plan, edge, request, before);
  if (!decision || decision.to === 'production') {
    const differences = differing(core(before), core(after));
    return differences.length === 0 ? undefined : { request, differences };
  }
  const untouched = core(before);
  const sentHeaders = withOriginalHost(untouched.sentHeaders, request, decision);
  const expected = { ...untouched, sni: decision.sni, authority: decision.authority, sentHeaders };
  const actual = { ...core(after), site: expected.site, status: expected.status };
  const site = after?.seen?.site;
  const differences = differing(expected, actual);
  return site === `target ${decision.to}` && differences.length === 0
    ? undefined
    : { request, decision, site, differences };
}

/** The meaning of a request whose upstream shows in the untouched answer; none when that came from no upstream. */
function decisionOf(plan: Plan, edge: Edge, request: LiveRequest, before?: Answer) {
  const [address = '', port = ''] = before?.seen?.site.split(':') ?? [];
  const upstream = findUpstreamAt(plan, address, Number(port));
  if (!upstream) return undefined;
  const { method, authority, path, headers = {} } = request;
  return decide(plan, { edge, upstream: upstream.name, method, authority, path, headers });
}

/** Where a copy makes the authority from the path, Envoy says what it was before, as wherever it rewrites one. */
function withOriginalHost(sent: Headers, { authority }: LiveRequest, { reason }: Decision): Headers {
  const name = 'x-envoy-original-host';
  if (reason !== 'diverted-by-path' || sent.some(([given]) => given === name)) return sent;
  return [...sent, [name, authority] as const].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The parts in which two answers differ, as `name: this should be that`. */
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

/** What is left of the route's timeout, which is less than all of it once a busy machine needed a second try. */
const TIMEOUT_HEADER = 'x-envoy-expected-rq-timeout-ms';

function wholeSeconds(ms: unknown): number {
  return Math.ceil(Number(ms) / 1000);
}

function core(answer?: Answer) {
  const { status, seen, text, location, failure } = answer ?? { status: -1 };
  const steady = (headers: Answer['headers'] = {}): Headers =>
    Object.entries(headers)
      .filter(([name]) => !CHANCE.includes(name))
      .map(([name, value]) => [name, name === TIMEOUT_HEADER ? wholeSeconds(value) : value] as const)
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
