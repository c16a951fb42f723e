import {
  type GatewayPath,
  gatewayPathPattern,
  inEitherCase,
  NAME,
  nameFor,
} from '../../core/gateway-paths.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import { alternatives } from '../alternatives.ts';

/** A path that can name some of the diverted hosts. */
export interface NamingPath {
  readonly own: GatewayPath;
  readonly hosts: readonly Host[];
}

/** The paths that can name diverted hosts, each with those that it can. */
export function namingPaths(paths: readonly GatewayPath[], hosts: readonly Host[]): NamingPath[] {
  return paths
    .map((own) => ({ own, hosts: hosts.filter((host) => nameFor(own, host) !== undefined) }))
    .filter((naming) => naming.hosts.length > 0);
}

/** A header matcher for any of the paths; `:path`, since a route has one path specifier, which the original uses. */
export function pathMatch(paths: readonly NamingPath[]): JsonObject {
  const regex = paths
    .map(({ own, hosts }) => {
      const names = hosts.map((host) => nameFor(own, host) ?? '');
      return withQuery(gatewayPathPattern(own.path, alternatives(names, inEitherCase)));
    })
    .join('|');
  return { name: ':path', string_match: { safe_regex: { regex } } };
}

/** What makes the host that a path names the authority. */
export function authorityFromPath({ path, host }: GatewayPath): JsonObject {
  if (!host.startsWith(NAME)) return { host_rewrite_literal: host };
  const regex = `^${gatewayPathPattern(path, '([^/]+)')}$`;
  const substitution = `\\1${host.slice(NAME.length)}`;
  return { host_rewrite_path_regex: { pattern: { regex }, substitution } };
}

function withQuery(pattern: string): string {
  return pattern.endsWith('.*') ? pattern : `${pattern}(?:\\?.*)?`;
}
