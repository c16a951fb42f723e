import type { GatewaySettings } from '../../core/gateway-paths.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { authorityMatch, authorityStart } from './authority-match.ts';
import { objectField } from './fields.ts';
import type { RouteList } from './find.ts';
import { gatewayOf } from './gateway.ts';
import type { HostMatcher, HostMatchers } from './host-matcher.ts';
import { longestLiteral } from './path-literal.ts';
import { authorityFromPath, namingPaths, pathMatch } from './path-match.ts';
import { pathRewriteMatchers } from './path-rewrite.ts';
import { canMatchPath } from './path-room.ts';

/**
 * The matchers for a route to a declared upstream, by what decides the authority there. What costs least is
 * looked at first: every copy in a long list is asked for every request, whatever its host and path.
 */
export function hostMatchersOf(plan: Plan, list: RouteList, route: JsonObject): HostMatchers {
  const { matchers, undiverted } = authorityMatchers(plan, list, route);
  const piece = longestLiteral(route);
  const quick = (matcher: HostMatcher): HostMatcher => ({
    ...matcher,
    headers: [...piece, ...matcher.headers],
  });
  return { matchers: matchers.map(quick), undiverted };
}

function authorityMatchers(plan: Plan, list: RouteList, route: JsonObject): HostMatchers {
  const gateway = gatewayOf(plan, list);
  const rewrite = objectField(objectField(route, 'route'), 'host_rewrite_path_regex');
  if (rewrite) return pathRewriteMatchers(plan.hosts, gateway?.paths ?? [], rewrite);
  const byHost: HostMatcher = { headers: [...authorityStart(plan.hosts), authorityMatch(plan.hosts)] };
  const byPath = gateway ? matchersUnderOwnNames(plan.hosts, gateway, route) : [];
  return { matchers: [byHost, ...byPath], undiverted: [] };
}

/** A Host that is the gateway's own names no wiki, so the path does. The path is looked at first: few have such a one. */
function matchersUnderOwnNames(
  hosts: readonly Host[],
  { names, paths }: GatewaySettings,
  route: JsonObject,
): HostMatcher[] {
  const open = paths.filter(({ insteadOfHost }) => !insteadOfHost);
  return namingPaths(open, hosts)
    .filter((naming) => canMatchPath(route, naming))
    .map((naming) => ({
      headers: [pathMatch([naming]), authorityMatch(names)],
      hostRewrite: authorityFromPath(naming.own),
    }));
}
