import { hostOf } from '../../core/host.ts';
import { findUpstreamAt } from '../../core/plan.ts';
import { scriptFile } from '../../edges/ats/names.ts';
import { originOf } from '../../edges/ats/remap-rules.ts';
import type { AtsSettings } from '../../edges/ats/settings.ts';
import type { Plan } from '../../edges/plan.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { matchesFully } from '../pattern.ts';
import type { RemapSubject, RuleSubject } from '../scene.ts';
import { stolenRules } from './order.ts';

/** Paths that the CDN's front sends under another wiki's name, so no rule for a host ever sees them. */
const STATIC_PATHS = /^\/(?:static\/|w\/(?:skins|resources|extensions)\/)/;

/** What the rules of Traffic Server do with requests for diverted hosts. */
export function examineRules(plan: Plan, { file, rules }: RemapSubject): Coded[] {
  const settings = plan.edges.ats;
  const each = rules.flatMap((rule) =>
    ruleFlaws(plan, settings, rule).map((flaw) => ({ file, path: rule.place, ...flaw })),
  );
  return [...each, ...stolenRules(plan, rules).map((flaw) => ({ file, ...flaw }))];
}

function ruleFlaws(plan: Plan, settings: AtsSettings | undefined, rule: RuleSubject): Flawed[] {
  if (rule.type === '.include') {
    return [flaw('include-unseen', { value: rule.from, message: 'includes rules that were not given' })];
  }
  return [
    ...stepFlaws(plan, settings, rule),
    ...sharingFlaws(plan, rule),
    ...hostRuleFlaws(plan, settings, rule),
    ...readOnlyFlaws(plan, rule),
  ];
}

function stepFlaws(
  { diversion, ...plan }: Plan,
  settings: AtsSettings | undefined,
  rule: RuleSubject,
): Flawed[] {
  const origin = originOf(rule.to);
  const upstream = origin && findUpstreamAt({ diversion, ...plan }, origin.host, origin.port);
  const scripts = scriptsOf(rule);
  const step = scripts.indexOf(scriptFile(diversion));
  if (!upstream) {
    if (step < 0) return [];
    const message = 'runs the script of the diversion, but does not go to a declared upstream';
    return [flaw('step-useless', { value: rule.to, message })];
  }
  if (step < 0) {
    const message = `goes to ${upstream.name} without the diversion's script`;
    return [flaw('route-not-diverted', { value: rule.from, message })];
  }
  const before = scripts.slice(0, step).filter((script) => settings?.before.includes(script));
  if (before.length === 0) return [];
  const message = `runs the diversion's step behind a script that has chosen an origin already`;
  return [flaw('route-behind', { value: before, message })];
}

/** File names of the scripts of a rule, in their order. */
function scriptsOf({ words }: RuleSubject): string[] {
  return words.flatMap((word, index) => {
    const [, value] = /^@pparam=(.*)$/.exec(words[index + 1] ?? '') ?? [];
    return word.startsWith('@plugin=') && value !== undefined
      ? [value.replaceAll('"', '').split('/').at(-1) ?? '']
      : [];
  });
}

function sharingFlaws({ targets }: Plan, { to, words }: RuleSubject): Flawed[] {
  const port = originOf(to)?.port;
  const shares = words.find((word) => /server_session_sharing\.match="?ip"?$/.test(word));
  if (shares === undefined || !targets.some((target) => target.port === port)) return [];
  const message = `matches connections to ${to} by address alone, whatever SNI they were opened with`;
  return [flaw('connections-shared', { value: shares, message })];
}

/** A rule that names a diverted host is not a diversion: it knows neither ports nor dots, and has another place in the order. */
function hostRuleFlaws(
  plan: Plan,
  settings: AtsSettings | undefined,
  { type, from, to }: RuleSubject,
): Flawed[] {
  const path = pathOf(from);
  const host = hostOf(originOf(from)?.host ?? '');
  const names = [...plan.hosts, ...(settings?.aliases ?? []).map(({ name }) => name)];
  const named =
    host !== undefined && type === 'map'
      ? names.includes(host)
      : names.some((name) => regexNames(from, name));
  if (!named) return [];
  const origin = originOf(to);
  if (STATIC_PATHS.test(path)) {
    return [
      flaw('static-path', {
        value: from,
        message: "is never asked: the CDN's front sends such paths under another wiki's name",
      }),
    ];
  }
  const isUpstream = origin !== undefined && findUpstreamAt(plan, origin.host, origin.port) !== undefined;
  if (isUpstream) return [];
  const isTarget = plan.targets.some(
    ({ address, port }) => origin?.host === address.toLowerCase() && origin.port === port,
  );
  if (!isTarget) {
    return path === '' || path === '/'
      ? [
          flaw('rule-bypasses', {
            value: to,
            message: `leads ${host ?? from} to no declared upstream, so round the diversion`,
          }),
        ]
      : [];
  }
  const message = `diverts ${from} by the rule itself, which no request with a port or a trailing dot meets`;
  return [flaw('host-misses-port', { value: from, message })];
}

/** A pattern for some hosts, a diverted one among them, but not for all. */
function regexNames(from: string, name: string): boolean {
  const [, host = ''] = /^[a-z]+:\/\/([^/]*(?:\([^)]*\)[^/]*)*)/i.exec(from) ?? [];
  return host !== '' && matchesFully(host, name) === true && matchesFully(host, 'a.example') === false;
}

export function pathOf(from: string): string {
  return from.replace(/^[a-z]+:\/\/[^/]*/i, '');
}

/** Behind the shared gateway only names that are registered there are answered. */
function readOnlyFlaws({ targets }: Plan, { to, words }: RuleSubject): Flawed[] {
  const origin = originOf(to);
  const names = targets.flatMap(({ address, sni }) => [address.toLowerCase(), sni.toLowerCase()]);
  if (!origin || !targets.some(({ port }) => port === origin.port)) return [];
  const stems = targets.map(({ address }) => address.toLowerCase().split('.')[0] ?? '');
  const asked = [
    origin.host,
    ...words.flatMap((word) => /^@pparam=([a-z0-9.-]+\.[a-z]+)$/.exec(word)?.[1] ?? []),
  ];
  return asked
    .filter((name) => !names.includes(name) && stems.some((stem) => name.startsWith(`${stem}-`)))
    .map((name) =>
      flaw('read-only-name', {
        value: name,
        message: 'is a name of the other environment that none of its gateways answers to',
      }),
    );
}
