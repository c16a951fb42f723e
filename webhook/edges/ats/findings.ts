import { hostOf } from '../../core/host.ts';
import { findUpstreamAt } from '../../core/plan.ts';
import { originOf, type RemapRule } from './remap-rules.ts';
import type { AtsPlan, AtsSettings } from './settings.ts';

/** Something in a remap.config that the diversion cannot answer for. */
export interface Finding {
  /** 1-based. */
  readonly line: number;
  readonly reason: string;
}

/** What goes round the diversion, or would use its connections for another name. */
export function findings(
  text: string,
  rules: readonly RemapRule[],
  plan: AtsPlan,
  settings: AtsSettings,
): Finding[] {
  return [
    ...includes(text),
    ...rules.flatMap((rule) => bypasses(rule, plan, settings)),
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

/** A rule for all of a diverted host that leads elsewhere than to a declared upstream. */
function bypasses({ line, from, to }: RemapRule, plan: AtsPlan, { aliases }: AtsSettings): Finding[] {
  const origin = originOf(to);
  const isWhole = /^[a-z]+:\/\/[^/]+\/?$/i.test(from);
  const host = hostOf(originOf(from)?.host ?? '');
  const isOurs =
    host !== undefined && (plan.hosts.includes(host) || aliases.some(({ name }) => name === host));
  if (!isOurs || !isWhole || (origin && findUpstreamAt(plan, origin.host, origin.port))) return [];
  return [{ line, reason: `${host} goes round the diversion: ${to} is no declared upstream` }];
}

/** Connections of others to the shared gateway, matched by address alone, are given to requests for any of their names. */
function sharesByAddress({ line, to, words }: RemapRule, plan: AtsPlan): Finding[] {
  const port = originOf(to)?.port;
  const shares = words.some(({ text }) => /server_session_sharing\.match="?ip"?$/.test(text));
  if (!shares || !plan.targets.some((target) => target.port === port)) return [];
  const reason = `${to} has the port of the other environment's gateway, and match=ip takes connections to its address that others opened for another name`;
  return [{ line, reason }];
}
