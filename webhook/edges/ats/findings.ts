import { RE2JS, RE2JSException } from 're2js';
import { hostOf } from '../../core/host.ts';
import { findUpstreamAt } from '../../core/plan.ts';
import { originOf, type RemapRule, unknownLines } from './remap-rules.ts';
import type { AtsPlan, AtsSettings } from './settings.ts';

/** Something in a remap.config that the diversion cannot answer for. */
export interface Finding {
  /** 1-based. */
  readonly line: number;
  readonly reason: string;
}

const MAX_SHOWN_WORD = 40;

/** What bypasses the diversion, may do so unseen, or would use its connections for another name. */
export function findings(
  text: string,
  rules: readonly RemapRule[],
  plan: AtsPlan,
  settings: AtsSettings,
): Finding[] {
  return [
    ...includes(text),
    ...unknown(text),
    ...bypasses(rules, plan, settings),
    ...rules.flatMap((rule) => sharesByAddress(rule, plan)),
  ].sort((a, b) => a.line - b.line);
}

function includes(text: string): Finding[] {
  return text.split('\n').flatMap((line, index) =>
    /^\s*\.include\s/.test(line)
      ? [
          {
            line: index + 1,
            reason: 'the rules of included files were not seen; render them with --in too',
          },
        ]
      : [],
  );
}

/** Such a line may be a rule that this program does not know, and may then choose an origin. */
function unknown(text: string): Finding[] {
  return unknownLines(text).map(({ line, word }) => ({
    line,
    reason: `${word.slice(0, MAX_SHOWN_WORD)} is not a known rule or directive: requests that it maps are not diverted`,
  }));
}

/** Rules for all paths of a diverted host whose origin is not a declared upstream. */
function bypasses(rules: readonly RemapRule[], plan: AtsPlan, { aliases }: AtsSettings): Finding[] {
  const whole = rules.filter(({ from }) => HOST_EXPRESSION.test(from) && pathOf(from) === '');
  const hosts = [...plan.hosts, ...aliases.map(({ name }) => name)];
  const literal = new Map<string, number>();
  for (const { isRegex, from, line } of whole) {
    const place = placeOf(from);
    if (!isRegex && !literal.has(place)) literal.set(place, line);
  }
  return whole.flatMap((rule) => {
    const { line, to, isRegex } = rule;
    const origin = originOf(to);
    if (origin && findUpstreamAt(plan, origin.host, origin.port)) return [];
    const taken = isRegex ? takenByRegex(rule, hosts, literal) : takenByName(rule, hosts);
    if (typeof taken === 'string') return [{ line, reason: taken }];
    const [host, ...more] = taken;
    if (host === undefined) return [];
    const others = more.length > 0 ? ` and ${more.length} more` : '';
    return [{ line, reason: `${host}${others} bypasses the diversion: ${to} is not a declared upstream` }];
  });
}

function takenByName({ from }: RemapRule, hosts: readonly string[]): string[] {
  const host = hostOf(originOf(from)?.host ?? '');
  return host !== undefined && hosts.includes(host) ? [host] : [];
}

/** The hosts that the rule's expression matches, save those that a rule for their name takes first; or why that is not known. */
function takenByRegex(
  { from, line }: RemapRule,
  hosts: readonly string[],
  literal: ReadonlyMap<string, number>,
): string[] | string {
  const expression = HOST_EXPRESSION.exec(from)?.[1] ?? '';
  const scheme = schemeOf(from);
  const open = hosts.filter(
    (host) => (literal.get(`${scheme}://${host}`) ?? Number.POSITIVE_INFINITY) > line,
  );
  try {
    const compiled = RE2JS.compile(expression);
    return open.filter((host) => compiled.matcher(host).find());
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return open.length === 0
      ? []
      : `${expression.slice(0, MAX_SHOWN_WORD)} cannot be judged here: say in its rule which hosts it takes, or put a rule for each diverted host in front of it`;
  }
}

const HOST_EXPRESSION = /^[a-z]+:\/\/([^/]*)/i;

function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(':')).toLowerCase();
}

function placeOf(url: string): string {
  return `${schemeOf(url)}://${hostOf(originOf(url)?.host ?? '') ?? ''}`;
}

/** What is behind the host of a rule's URL, without the first slash. */
function pathOf(url: string): string {
  return url.replace(HOST_EXPRESSION, '').replace(/^\//, '');
}

/** Connections of others to the shared gateway, matched by address alone, are given to requests for any of their names. */
function sharesByAddress({ line, to, words }: RemapRule, plan: AtsPlan): Finding[] {
  const port = originOf(to)?.port;
  const shares = words.some(({ text }) => /server_session_sharing\.match="?ip"?$/.test(text));
  if (!shares || !plan.targets.some((target) => target.port === port)) return [];
  const reason = `${to} has the port of the other environment's gateway, and match=ip takes connections to its address that others opened for another name`;
  return [{ line, reason }];
}
