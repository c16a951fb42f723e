import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Path } from '../edits.ts';
import { field, listField, objectField, spelling } from './fields.ts';

/** A list of routes and its place in the configuration. */
export interface RouteList {
  readonly path: Path;
  readonly routes: readonly Json[];
  /** The authorities that its virtual host answers to. */
  readonly domains: readonly string[];
}

/** Every list of routes of the configuration, wherever a virtual host may stand. */
export function findRouteLists(root: JsonObject): RouteList[] {
  const found: RouteList[] = [];
  visit(root, []);
  return found;

  function visit(node: Json | undefined, path: Path): void {
    if (Array.isArray(node)) {
      node.forEach((item: Json, index) => {
        visit(item, [...path, index]);
      });
    }
    if (!isObject(node)) return;
    const hosts = spelling(node, 'virtual_hosts');
    const isList = Array.isArray(node[hosts]);
    listField(node, 'virtual_hosts').forEach((host, index) => {
      const domains = listField(host, 'domains').filter((domain) => typeof domain === 'string');
      const place = isList ? [...path, hosts, index] : [...path, hosts];
      if (field(host, 'routes') === undefined) return;
      found.push({ path: [...place, 'routes'], routes: listField(host, 'routes'), domains });
    });
    for (const [key, value] of Object.entries(node)) if (key !== hosts) visit(value, [...path, key]);
  }
}

/** Where the static clusters stand, and which they are. */
export function findClusters(root: JsonObject): { readonly path: Path; readonly clusters: readonly Json[] } {
  const resources = spelling(root, 'static_resources');
  return {
    path: [resources, 'clusters'],
    clusters: listField(objectField(root, 'static_resources'), 'clusters'),
  };
}
