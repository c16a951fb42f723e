import { findUpstreamAt } from '../../core/plan.ts';
import { originOf } from '../../edges/ats/remap-rules.ts';
import type { Plan } from '../../edges/plan.ts';
import { type Coded, flaw } from '../finding.ts';
import { matchesFully } from '../pattern.ts';
import type { RuleSubject } from '../scene.ts';

type Placed = Omit<Coded, 'file'>;

interface Asked {
  readonly rule: RuleSubject;
  readonly scheme: string;
  /** As written: a name, or an expression. */
  readonly host: string;
  readonly path: string;
}

const FROM = /^([a-z]+):\/\/((?:\[[^\]]*\]|\([^)]*\)|[^/[(])*)(.*)$/is;

/** Rules that are never reached, and rules that take from others what they are for. Traffic Server goes by the order. */
export function stolenRules(plan: Plan, rules: readonly RuleSubject[]): Placed[] {
  const asked = rules.flatMap((rule): Asked[] => {
    const [, scheme = '', host = '', path = ''] = FROM.exec(rule.from) ?? [];
    return host === '' ? [] : [{ rule, scheme, host: host.toLowerCase(), path: path === '/' ? '' : path }];
  });
  return asked.flatMap((later, index) => {
    const earlier = asked.slice(0, index);
    const hiding = earlier.find((other) => hides(other, later));
    if (hiding) {
      const message = `is never reached: ${hiding.rule.place} takes all of its requests`;
      return [flaw('rule-unreached', { path: later.rule.place, value: later.rule.from, message })];
    }
    return earlier
      .filter((other) => steals(plan, other, later))
      .map((other) =>
        flaw('rule-steals', {
          path: other.rule.place,
          value: other.rule.from,
          message: `takes ${plan.hosts.join(', ')} from ${later.rule.place}, which leads ${later.path} to ${later.rule.to}`,
        }),
      );
  });
}

/** Whether every request of the later rule is taken by the earlier one. */
function hides(earlier: Asked, later: Asked): boolean {
  const sameHost = earlier.host === later.host && earlier.rule.type === later.rule.type;
  const anyHost = earlier.rule.type === 'regex_map' && ['(.*)', '.*'].includes(earlier.host);
  return earlier.scheme === later.scheme && (sameHost || anyHost) && later.path.startsWith(earlier.path);
}

/** Whether a rule for some hosts takes a diverted host's requests from a rule for all, to another place. */
function steals(plan: Plan, earlier: Asked, later: Asked): boolean {
  const leadsAway = (({ rule }: Asked): boolean => {
    const origin = originOf(rule.to);
    return origin !== undefined && findUpstreamAt(plan, origin.host, origin.port) === undefined;
  })(later);
  const forAll =
    later.rule.type === 'regex_map' && later.path !== '' && plan.hosts.some((host) => names(later, host));
  const forSome = plan.hosts.some((host) => names(earlier, host)) && !names(earlier, 'a.example');
  return (
    leadsAway && forAll && forSome && later.path.startsWith(earlier.path) && earlier.rule.to !== later.rule.to
  );
}

function names({ rule, host }: Asked, name: string): boolean {
  return rule.type === 'regex_map' ? matchesFully(host, name) === true : host === name;
}
