import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Path } from '../edits.ts';
import { isTableName } from './names.ts';

/** Where a cluster's values describe the mesh. */
export const MESH_PATH = ['net_istio', 'mesh'];
export const SERVICES_PATH = [...MESH_PATH, 'virtual_services'];
export const ENTRIES_PATH = [...MESH_PATH, 'service_entries'];
export const RULES_PATH = [...MESH_PATH, 'destination_rules'];
/** Where they have the policies of Calico. */
export const POLICIES_PATH = ['GlobalNetworkPolicies'];

/** A route in the values, by the VirtualService that it belongs to. */
export interface RoutePlace {
  readonly service: string;
  readonly list: Path;
  readonly index: number;
  readonly route: JsonObject;
}

/** Every HTTP route of every VirtualService that no diversion added. */
export function routePlaces(values: JsonObject): RoutePlace[] {
  const services = Object.keys(mappingAt(values, SERVICES_PATH)).filter((key) => !isTableName(key));
  return services.flatMap((service) => {
    const list = [...SERVICES_PATH, service, 'spec', 'http'];
    const routes = nodeAt(values, list);
    if (!Array.isArray(routes)) return [];
    return routes.flatMap((route: Json, index) => (isObject(route) ? [{ service, list, index, route }] : []));
  });
}

export function nodeAt(values: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((node, step) => (isObject(node) ? node[step] : undefined), values);
}

/** The mapping at that path; an empty one where there is none. */
export function mappingAt(values: Json, path: Path): JsonObject {
  const node = nodeAt(values, path);
  return isObject(node) ? node : {};
}
