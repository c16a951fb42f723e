import { decide } from '../../webhook/core/decide.ts';
import type { Plan } from '../../webhook/core/plan.ts';
import type { Driver } from './driver.ts';
import type { ConformanceAnswer, ConformanceRequest } from './request.ts';

export interface Judged {
  readonly diverted: ConformanceAnswer;
  readonly untouched?: ConformanceAnswer | undefined;
}

const ISSUED_BY_ORIGIN = /^(?:production|target|somebody)/;

/** What is wrong with an answer, held against the meaning of the diversion; undefined when nothing is. */
export function findFault(
  plan: Plan,
  driver: Driver,
  request: ConformanceRequest,
  answers: Judged,
): string | undefined {
  const { diverted, untouched } = answers;
  const { form, method, path } = request;
  const headers = { ...request.headers, ...form.headers };
  if (untouched && untouched.site === undefined) {
    // What the proxy refuses by itself it goes on refusing.
    return same(diverted, untouched)
      ? undefined
      : `the untouched proxy refused: ${differing(diverted, untouched)}`;
  }
  if (form.effective === undefined) return judgeMalformed(answers);
  if (form.refusable && diverted.site === undefined) return undefined;
  const decision = decide(plan, {
    edge: driver.edge,
    ...(driver.upstream === undefined ? {} : { upstream: driver.upstream }),
    method,
    authority: form.effective,
    path,
    headers: lowerCase(headers),
  });
  switch (decision.to) {
    case 'production':
      return judgeProduction(answers);
    case 'refused':
      return diverted.site === undefined ? undefined : `refused (${decision.reason}), but ${told(diverted)}`;
    default: {
      const wanted = { site: `target ${decision.to}`, sni: decision.sni, authority: decision.authority };
      const right =
        diverted.site === wanted.site &&
        diverted.sni === wanted.sni &&
        diverted.authority === wanted.authority;
      return right ? undefined : `${JSON.stringify(wanted)}, but ${told(diverted)}`;
    }
  }
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
