import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import type { Path } from '../edits.ts';
import { field, listField, objectField } from './fields.ts';
import { mentions } from './mentions.ts';
import type { KnownClusters } from './recognise.ts';
import { formatPath, type Unsupported } from './report.ts';

/**
 * What sends requests without a list of routes, or takes routes from elsewhere: each is named, since no copy of a route
 * comes before it.
 */
export function otherWays(root: JsonObject, plan: Plan, known: KnownClusters): Unsupported[] {
  const found: Unsupported[] = [];
  visit(root, []);
  const isCovered = ({ path }: Unsupported): boolean =>
    found.some((way) => path.startsWith(`${way.path}.typed_config`));
  return [...found, ...mentions(root, plan, known).filter((mention) => !isCovered(mention))];

  function visit(node: Json | undefined, path: Path): void {
    if (Array.isArray(node)) {
      for (const [index, item] of node.entries()) visit(item as Json, [...path, index]);
      return;
    }
    if (!isObject(node)) return;
    found.push(...waysAt(node, path, known));
    for (const [key, value] of Object.entries(node)) {
      if (value !== null && typeof value === 'object') visit(value, [...path, key]);
    }
  }
}

function waysAt(node: JsonObject, path: Path, known: KnownClusters): Unsupported[] {
  return [
    ...networkFilters(node, path, known),
    ...httpFilters(node, path, known),
    ...remoteRoutes(node, path),
    ...matcherTree(node, path, known),
    ...sharedMirrors(node, path, known),
  ];
}

const ROUTE_SOURCES = ['route_config', 'rds', 'scoped_routes'];

/** A stream of bytes has no Host; only the connection manager has routes. */
function networkFilters(node: JsonObject, path: Path, known: KnownClusters): Unsupported[] {
  return listField(node, 'filters').flatMap((filter, index) => {
    const config = objectField(filter, 'typed_config');
    const type = String(field(config, 'type_url') ?? config?.['@type'] ?? '');
    const isManager =
      type.endsWith('.HttpConnectionManager') || ROUTE_SOURCES.some((name) => field(config, name));
    if (isManager) return [];
    const place = formatPath([...path, 'filters', index]);
    if (!known.isNamedIn(config)) return unreadable(filter, place, known);
    const reason = 'it passes bytes on to a declared upstream, and knows no Host';
    return [{ path: place, reason, bypass: true }];
  });
}

/** A filter may ask an upstream by itself, on behalf of requests of any host. */
function httpFilters(node: JsonObject, path: Path, known: KnownClusters): Unsupported[] {
  return listField(node, 'http_filters').flatMap((filter, index) => {
    const place = formatPath([...path, 'http_filters', index]);
    if (!known.isNamedIn(objectField(filter, 'typed_config'))) return unreadable(filter, place, known);
    const reason = 'this filter asks a declared upstream by itself';
    return [{ path: place, reason, bypass: false }];
  });
}

/** Fields by which a filter is given code that is not part of the configuration. */
const FOREIGN_CODE = ['vm_config', 'library_path', 'dynamic_module_config'];

/** A filter that may ask any cluster, of which the configuration does not say which. */
function unreadable(filter: Json, path: string, known: KnownClusters): Unsupported[] {
  if (known.upstreams.size + known.doubtful.size === 0) return [];
  if (field(filter, 'config_discovery') !== undefined) {
    const reason = 'the configuration of this filter comes from a control plane (ECDS)';
    return [{ path, reason, bypass: false }];
  }
  const config = objectField(filter, 'typed_config');
  const settings = objectField(config, 'config') ?? objectField(config, 'value') ?? config;
  const isForeign = [config, settings].some((node) =>
    FOREIGN_CODE.some((name) => field(node, name) !== undefined),
  );
  const sources = [
    field(config, 'default_source_code'),
    ...Object.values(objectField(config, 'source_codes') ?? {}),
  ];
  if (!isForeign && !sources.some((source) => field(source, 'filename') !== undefined)) return [];
  const reason = 'the code of this filter is not part of the configuration, and may ask any cluster';
  return [{ path, reason, bypass: false }];
}

/** Routes of a control plane are diverted where they are made. */
function remoteRoutes(node: JsonObject, path: Path): Unsupported[] {
  if (field(node, 'lds_config') !== undefined) {
    const reason = 'its listeners come from a control plane (LDS) and are not part of this configuration';
    return [{ path: formatPath([...path, 'lds_config']), reason, bypass: false }];
  }
  if (field(node, 'fcds_config') !== undefined) {
    const reason =
      'its filter chains come from a control plane (FCDS) and are not part of this configuration';
    return [{ path: formatPath([...path, 'fcds_config']), reason, bypass: false }];
  }
  const rds = objectField(node, 'rds') ?? objectField(node, 'scoped_routes');
  const vhds = Array.isArray(field(node, 'virtual_hosts')) ? objectField(node, 'vhds') : undefined;
  if (!rds && !vhds) return [];
  const reason = 'its routes come from elsewhere (RDS, SRDS or VHDS) and are not part of this configuration';
  return [{ path: formatPath(path), reason, bypass: false }];
}

/** A virtual host may choose routes by a tree of matchers instead of by a list. */
function matcherTree(node: JsonObject, path: Path, known: KnownClusters): Unsupported[] {
  return listField(node, 'virtual_hosts').flatMap((host, index) => {
    const tree = field(host, 'matcher') ?? field(host, 'route_specifiers');
    if (tree === undefined) return [];
    const reason = 'its routes are chosen by a tree of matchers, which is not read here';
    const place = formatPath([...path, 'virtual_hosts', index]);
    return [{ path: place, reason, bypass: known.isNamedIn(tree) }];
  });
}

/** Mirrors of a whole virtual host, or of all, send its requests to an upstream whatever their host. */
function sharedMirrors(node: JsonObject, path: Path, known: KnownClusters): Unsupported[] {
  const isShared = field(node, 'domains') !== undefined || field(node, 'virtual_hosts') !== undefined;
  const mirrors = listField(node, 'request_mirror_policies');
  if (!isShared || !mirrors.some((policy) => known.isNamedIn(field(policy, 'cluster')))) return [];
  const reason = 'it mirrors the requests of all its other routes to a declared upstream';
  return [{ path: formatPath(path), reason, bypass: true }];
}
