import { type Decision, decide } from '../../webhook/core/decide.ts';
import { findUpstreamAt } from '../../webhook/core/plan.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import type { Arrival, Difference, Driver } from './driver.ts';
import type { ConformanceAnswer, ConformanceRequest } from './request.ts';

/** The answers to one request, each as in `Asked`. */
export interface Judged {
  readonly diverted: ConformanceAnswer;
  readonly untouched?: ConformanceAnswer | undefined;
  readonly plainly?: ConformanceAnswer | undefined;
}

const ISSUED_BY_ORIGIN = /^(?:production|target|somebody)/;

/** What is wrong with an answer, held against the meaning of the diversion; undefined when nothing is. */
export function findFault(
  plan: Plan,
  driver: Driver,
  request: ConformanceRequest,
  answers: Judged,
): string | undefined {
  const { diverted } = answers;
  const differences = driver.differences?.filter(({ when }) => when(request)) ?? [];
  const refusal = differences.find(({ instead }) => instead === 'refused');
  if (refusal) return judgeRefused(refusal.why, diverted);
  const taken = differences.reduce(takenInstead, { ...request, authority: request.form.effective });
  const { authority } = taken;
  const decision = decisionFor(plan, driver, { ...taken, authority: authority ?? '' }, answers);
  // Where the path alone names the wiki, Host may be malformed.
  const isMalformed = authority === undefined && decision.to === 'production';
  if (isRefusedBefore(answers)) return judgeRefusedBefore(decision, answers);
  if (isMalformed) return judgeMalformed(answers);
  if (decision.to === 'production') return judgeProduction(answers);
  if (decision.to === 'refused') return judgeRefused(decision.reason, diverted);
  if ((request.form.refusable || authority === undefined) && diverted.site === undefined) return undefined;
  return judgeDiverted(driver, decision, request, answers);
}

type Taken = ConformanceRequest & { readonly authority: string | undefined };

/** What a request means to an edge that differs so. */
function takenInstead(taken: Taken, { instead }: Difference): Taken {
  if (instead === 'refused') return taken;
  return 'path' in instead
    ? { ...taken, path: instead.path(taken.path) }
    : { ...taken, authority: instead.authority(taken.form) };
}

/** By the proxy itself: 503 is that production was chosen, and not reached. */
function isRefusedBefore({ untouched, plainly }: Judged): boolean {
  const before = plainly ?? untouched;
  return before !== undefined && before.site === undefined && before.status !== 503;
}

/** What the proxy refuses by itself it goes on refusing; a request of the diverted host perhaps in other words. */
function judgeRefusedBefore(decision: Decision, { diverted, untouched }: Judged): string | undefined {
  if (!untouched || same(diverted, untouched)) return undefined;
  if (decision.to !== 'production' && diverted.site === undefined) return undefined;
  return `the untouched proxy refused: ${differing(diverted, untouched)}`;
}

/** What the diversion means for a request, given the upstream that the untouched proxy chose for it. */
function decisionFor(
  plan: Plan,
  driver: Driver,
  { form, method, path, headers, authority }: ConformanceRequest & { readonly authority: string },
  { untouched, plainly }: Judged,
): Decision {
  const upstream = driver.upstream ?? upstreamAt(plan, plainly ?? untouched);
  return decide(plan, {
    edge: driver.edge,
    ...(upstream === undefined ? {} : { upstream }),
    method,
    authority,
    path,
    headers: lowerCase({ ...headers, ...form.headers }),
  });
}

function upstreamAt(plan: Plan, answer: ConformanceAnswer | undefined): string | undefined {
  const [, address = '', port] = /^(?:production )?(.+):(\d+)$/.exec(answer?.site ?? '') ?? [];
  return findUpstreamAt(plan, address, Number(port))?.name;
}

function judgeDiverted(
  driver: Driver,
  decision: Decision,
  request: ConformanceRequest,
  answers: Judged,
): string | undefined {
  const { diverted } = answers;
  const { authority, sni } = decision;
  const arrival: Arrival = driver.arrives?.(decision, request) ?? { authority, sni };
  const wanted = {
    site: `target ${decision.to}`,
    sni: arrival.sni,
    authority: arrival.authority,
    path: arrival.path ?? pathAt(decision, request, answers),
  };
  const { site, path } = diverted;
  const got = { site, sni: diverted.sni, authority: diverted.authority, path };
  return JSON.stringify(got) === JSON.stringify(wanted)
    ? undefined
    : `${JSON.stringify(wanted)}, but ${told(diverted)}`;
}

/** The path as it leaves the edge; where a script of today writes the host into it, it finds it in canonical form. */
function pathAt(
  { authority }: Decision,
  request: ConformanceRequest,
  { untouched, plainly }: Judged,
): string {
  const before = plainly ?? untouched;
  if (before?.path === undefined) return request.path;
  return before.path.replace(`/${before.authority}/`, () => `/${authority}/`);
}

function judgeRefused(reason: string, diverted: ConformanceAnswer): string | undefined {
  const isRefusal = diverted.site === undefined && diverted.failure !== 'no answer in time';
  return isRefusal ? undefined : `refused (${reason}), but ${told(diverted)}`;
}

/** Refused, or as before; never diverted. */
function judgeMalformed({ diverted, untouched }: Judged): string | undefined {
  if (diverted.site === undefined) return undefined;
  if (isTarget(diverted)) return `malformed, but ${told(diverted)}`;
  return untouched === undefined || same(diverted, untouched) ? undefined : differing(diverted, untouched);
}

function judgeProduction({ diverted, untouched }: Judged): string | undefined {
  if (untouched) return same(diverted, untouched) ? undefined : differing(diverted, untouched);
  const refusedByProxy = diverted.site === undefined && diverted.status !== 200;
  const right = diverted.site?.startsWith('production') || refusedByProxy;
  return right ? undefined : `production, but ${told(diverted)}`;
}

function isTarget({ site }: ConformanceAnswer): boolean {
  return site !== undefined && ISSUED_BY_ORIGIN.test(site) && !site.startsWith('production');
}

function same(a: ConformanceAnswer, b: ConformanceAnswer): boolean {
  return describe(a) === describe(b);
}

function differing(now: ConformanceAnswer, before: ConformanceAnswer): string {
  return `before ${describe(before)}, now ${describe(now)}`;
}

function told(answer: ConformanceAnswer): string {
  return `got ${describe(answer)}`;
}

function describe({ status, site, sni, authority, path }: ConformanceAnswer): string {
  return JSON.stringify({ status, site, sni, authority, path });
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
