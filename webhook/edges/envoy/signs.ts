import type { GatewaySettings } from '../../core/gateway-paths.ts';
import { type Host, hostOf } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { authorityMatch } from './authority-match.ts';
import { objectField } from './fields.ts';
import type { RouteList } from './find.ts';
import { authorityFromPath, namingPaths, pathMatch } from './path-match.ts';
import { pathRewriteSigns } from './path-rewrite.ts';

/** How a copy tells, beside the original's own conditions, that a request is bound for a diverted host. */
export interface Sign {
  readonly headers: readonly Json[];
  /** Replaces what the original does to the authority; absent: that stays. */
  readonly hostRewrite?: JsonObject;
}

/** Something that no sign tells. */
export interface Unsigned {
  readonly reason: string;
  /** Whether requests for a diverted host do go round the diversion there. */
  readonly bypass: boolean;
}

export interface Signs {
  readonly signs: readonly Sign[];
  readonly unsigned: readonly Unsigned[];
}

/** The signs for a route that leads to a declared upstream, by what decides the authority there. */
export function signsOf(plan: Plan, list: RouteList, route: JsonObject): Signs {
  const gateway = gatewayOf(plan, list);
  const rewrite = objectField(objectField(route, 'route'), 'host_rewrite_path_regex');
  if (rewrite) return pathRewriteSigns(plan.hosts, gateway?.paths ?? [], rewrite);
  const byHost: Sign = { headers: [authorityMatch(plan.hosts)] };
  return { signs: [byHost, ...(gateway ? signsUnderOwnNames(plan.hosts, gateway) : [])], unsigned: [] };
}

/** The gateway's settings, where a virtual host answers to one of the gateway's names: no other proxy does. */
export function gatewayOf(
  { edges }: Plan,
  { domains }: Pick<RouteList, 'domains'>,
): GatewaySettings | undefined {
  const gateway = edges.restGateway;
  const answers = domains.some((domain) => {
    const host = hostOf(domain.replace(/:\*$/, ''));
    return host !== undefined && gateway?.names.includes(host);
  });
  return answers ? gateway : undefined;
}

/** A Host that is the gateway's own names no wiki, so the path does. */
function signsUnderOwnNames(hosts: readonly Host[], { names, paths }: GatewaySettings): Sign[] {
  const own = authorityMatch(names);
  const open = paths.filter(({ insteadOfHost }) => !insteadOfHost);
  return namingPaths(open, hosts).map((naming) => ({
    headers: [own, pathMatch([naming])],
    hostRewrite: authorityFromPath(naming.own),
  }));
}
