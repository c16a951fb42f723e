import type { GatewaySettings } from '../../core/gateway-paths.ts';
import type { Host } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { authorityMatch } from './authority-match.ts';
import { objectField } from './fields.ts';
import type { RouteList } from './find.ts';
import { gatewayOf } from './gateway.ts';
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

/** A Host that is the gateway's own names no wiki, so the path does. */
function signsUnderOwnNames(hosts: readonly Host[], { names, paths }: GatewaySettings): Sign[] {
  const own = authorityMatch(names);
  const open = paths.filter(({ insteadOfHost }) => !insteadOfHost);
  return namingPaths(open, hosts).map((naming) => ({
    headers: [own, pathMatch([naming])],
    hostRewrite: authorityFromPath(naming.own),
  }));
}
