import type { GatewaySettings } from '../../core/gateway-paths.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { authorityMatch, authorityStart } from './authority-match.ts';
import { objectField } from './fields.ts';
import type { RouteList } from './find.ts';
import { gatewayOf } from './gateway.ts';
import { authorityFromPath, namingPaths, pathMatch } from './path-match.ts';
import { pathPiece } from './path-piece.ts';
import { pathRewriteSigns } from './path-rewrite.ts';
import { leavesRoomFor } from './path-start.ts';
import type { Sign, Signs } from './sign.ts';

/**
 * The signs for a route that leads to a declared upstream, by what decides the authority there. What costs least is
 * looked at first: every copy in a long list is asked for every request, whatever its host and path.
 */
export function signsOf(plan: Plan, list: RouteList, route: JsonObject): Signs {
  const { signs, unsigned } = tellingSigns(plan, list, route);
  const piece = pathPiece(route);
  const quick = (sign: Sign): Sign => ({ ...sign, headers: [...piece, ...sign.headers] });
  return { signs: signs.map(quick), unsigned };
}

function tellingSigns(plan: Plan, list: RouteList, route: JsonObject): Signs {
  const gateway = gatewayOf(plan, list);
  const rewrite = objectField(objectField(route, 'route'), 'host_rewrite_path_regex');
  if (rewrite) return pathRewriteSigns(plan.hosts, gateway?.paths ?? [], rewrite);
  const byHost: Sign = { headers: [...authorityStart(plan.hosts), authorityMatch(plan.hosts)] };
  const byPath = gateway ? signsUnderOwnNames(plan.hosts, gateway, route) : [];
  return { signs: [byHost, ...byPath], unsigned: [] };
}

/** A Host that is the gateway's own names no wiki, so the path does. The path is looked at first: few have such a one. */
function signsUnderOwnNames(
  hosts: readonly Host[],
  { names, paths }: GatewaySettings,
  route: JsonObject,
): Sign[] {
  const open = paths.filter(({ insteadOfHost }) => !insteadOfHost);
  return namingPaths(open, hosts)
    .filter((naming) => leavesRoomFor(route, naming))
    .map((naming) => ({
      headers: [pathMatch([naming]), authorityMatch(names)],
      hostRewrite: authorityFromPath(naming.own),
    }));
}
