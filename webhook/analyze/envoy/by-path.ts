import { type GatewayPath, NAME, nameFor } from '../../core/gateway-paths.ts';
import type { Host } from '../../core/host.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { field, objectField } from '../../edges/envoy/fields.ts';
import { gatewayOf } from '../../edges/envoy/gateway.ts';
import { leavesRoomFor } from '../../edges/envoy/path-start.ts';
import { signsOf } from '../../edges/envoy/signs.ts';
import { type Coded, flaw } from '../finding.ts';
import { matchesPartly } from '../pattern.ts';
import { SPELLINGS, strangersTo, strangerTo } from '../probes.ts';
import { copiesOf, copyTakes, isDiverting, type Original } from './copies.ts';
import type { EnvoyTable } from './model.ts';

type Located = Omit<Coded, 'file'>;

/** At a gateway under its own names the path decides: whether the copies of a route know, and know no more than that. */
export function examinePaths(plan: Plan, original: Original): Located[] {
  const { table, route, upstream, before } = original;
  const gateway = gatewayOf(plan, table);
  if (!gateway || !before.some(isDiverting) || upstream.target.allow) return [];
  const { names: own, paths } = gateway;
  const stranger = strangerTo(plan.hosts);
  const open = paths.filter(({ insteadOfHost }) => !insteadOfHost);
  const taken = (authority: string, path: string) =>
    before.find((copy) => copyTakes(copy, { method: 'GET', authority, path }));
  return open.flatMap((naming) =>
    plan.hosts.flatMap((host) => {
      const path = pathFor(naming, host);
      if (path === undefined || !leavesRoomFor(route.raw, { own: naming, hosts: [host] })) return [];
      const missed = own.flatMap((name) =>
        SPELLINGS.filter(({ write }) => !taken(write(name), path)).map(({ code, what, write }): Located => {
          const message = `misses ${what}: ${path} under ${write(name)} goes to ${upstream.name}`;
          return flaw(code, { path: route.place, value: name, message });
        }),
      );
      return [...missed, ...wide({ naming, path, taken, stranger }, strangersTo(own))];
    }),
  );
}

interface Asked {
  /** Nobody diverted it. */
  readonly stranger: Host;
  readonly naming: GatewayPath;
  readonly path: string;
  readonly taken: (authority: string, path: string) => Original['before'][number] | undefined;
}

/** Another wiki's Host wins over the path, and another wiki's path is nobody's business. */
function wide({ naming, path, taken, stranger }: Asked, strangers: readonly string[]): Located[] {
  const other = pathFor(naming, stranger) ?? `/${stranger}/v1/`;
  const asked = [...[stranger, ...strangers].map((name) => [name, path]), [stranger, other]] as const;
  return asked.flatMap(([authority = '', where = '']) => {
    const copy = taken(authority, where);
    const message = `takes ${where} under ${authority} as well, which no one diverted`;
    return copy ? [flaw('host-too-wide', { path: copy.route.place, value: path, message })] : [];
  });
}

/** Where a route makes the authority from the path, the paths that name a diverted host are diverted, whatever Host is. */
export function examineRewrites(plan: Plan, table: EnvoyTable): Located[] {
  const list = { path: [], domains: table.domains, routes: [] };
  const stranger = strangerTo(plan.hosts);
  return table.routes.flatMap((route, index): Located[] => {
    const rewrite = route.action?.['host_rewrite_path_regex'];
    const isUpstream = route.leads.some(({ kind }) => kind === 'upstream');
    if (!isObject(rewrite) || !isUpstream) return [];
    const { signs } = signsOf(plan, list, route.raw);
    const before = copiesOf(route, table.routes.slice(0, index));
    const made = pathsMade(plan, rewrite, stranger).filter(() => signs.length > 0);
    return made.flatMap(({ path, isOurs }) => {
      const taken = before.find((copy) => copyTakes(copy, { method: 'GET', authority: stranger, path }));
      if (isOurs === (taken !== undefined)) return [];
      const place = taken?.route.place ?? route.place;
      return isOurs
        ? [
            flaw('host-missed', {
              path: place,
              value: path,
              message: `takes ${path} to production, though it names a diverted host`,
            }),
          ]
        : [
            flaw('host-too-wide', {
              path: place,
              value: path,
              message: `diverts ${path}, which names another host`,
            }),
          ];
    });
  });
}

/** Declared paths of which a route makes a host, for a diverted one and for another. */
function pathsMade(
  plan: Plan,
  rewrite: JsonObject,
  stranger: Host,
): { readonly path: string; readonly isOurs: boolean }[] {
  const regex = field(objectField(rewrite, 'pattern'), 'regex');
  const paths = (plan.edges.restGateway?.paths ?? []).filter(({ insteadOfHost }) => insteadOfHost);
  return paths.flatMap((naming) =>
    [...plan.hosts, stranger].flatMap((host) => {
      const path = pathFor(naming, host);
      const isMade = path !== undefined && typeof regex === 'string' && matchesPartly(regex, path) === true;
      return isMade ? [{ path, isOurs: host !== stranger }] : [];
    }),
  );
}

function pathFor(naming: GatewayPath, host: Host): string | undefined {
  const name = nameFor(naming, host);
  return name === undefined ? undefined : naming.path.replace(NAME, name).replace(/\*$/, 'page');
}
