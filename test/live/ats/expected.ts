import { type Decision, decide } from '../../../webhook/core/decide.ts';
import type { Plan } from '../../../webhook/edges/plan.ts';
import { productionSite, targetSite } from '../../stage/world.ts';
import type { Answer } from '../live-request.ts';
import type { WireRequest } from './ats-run.ts';

/** What a request is decided to be, given what the untouched rules make of it without its debug header. */
export function decisionFor(plan: Plan, request: WireRequest, plainly: Answer, draw = 0): Decision {
  const site = plainly.seen?.site;
  const upstream = plan.upstreams.find((candidate) => productionSite(candidate) === site)?.name;
  const headers = Object.fromEntries(request.headers.map(headerOf));
  return decide(plan, {
    edge: 'ats',
    ...(upstream === undefined ? {} : { upstream }),
    method: request.method ?? 'GET',
    authority: authorityOf(request),
    path: request.target.replace(/^http:\/\/[^/]*/, ''),
    headers,
    draw,
  });
}

/** An absolute URI names the authority, whatever the Host header says (RFC 9112 §3.2.2). */
function authorityOf({ target, headers }: WireRequest): string {
  const absolute = /^http:\/\/([^/]*)/.exec(target)?.[1];
  return absolute ?? headers.map(headerOf).find(([name]) => name === 'host')?.[1] ?? '';
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

export function withoutDebug(request: WireRequest): WireRequest {
  return { ...request, headers: request.headers.filter((line) => !/^x-wikimedia-debug:/i.test(line)) };
}

/** What is wrong with an answer, or undefined: held against the decision, and the untouched answer otherwise. */
export function faultOf(decision: Decision, answer: Answer, untouched: Answer, plainly: Answer) {
  const actual = core(answer);
  const expected = expectation(decision, untouched, plainly);
  return JSON.stringify(actual) === JSON.stringify(expected) ? undefined : { decision, expected, actual };
}

function expectation(decision: Decision, untouched: Answer, plainly: Answer) {
  if (decision.to === 'production') return core(untouched);
  if (decision.to === 'refused')
    return { ...NOWHERE, status: decision.reason === 'debug-backend-unknown' ? 400 : 403 };
  const { authority, sni } = decision;
  const { path = '', authority: named } = plainly.seen ?? {};
  // Where a script of today writes the host into the path, it now finds it in canonical form.
  const canonical = path.replace(`/${named}/`, `/${authority}/`);
  return { ...core(plainly), site: targetSite(decision.to), authority, path: canonical, sni };
}

const NOWHERE = { status: 0, arrivals: 0 };

function core({ status, arrivals, seen }: Answer): object {
  const { site, authority, method, path, sni } = seen ?? {};
  // A pool of production's connections is shared by address, so the SNI there is whoever came first.
  const own = site?.startsWith('target') ? { sni } : {};
  return seen ? { status, arrivals, site, authority, method, path, ...own } : { status, arrivals };
}
