import { isObject, type Json, type JsonObject } from '../../../webhook/core/json.ts';
import { found } from '../../fixtures/read.ts';

/** A small configuration: clusters by name with the address that each leads to, and the routes of one listener. */
export function config(clusters: Readonly<Record<string, string>>, routes: readonly Json[]): JsonObject {
  return {
    static_resources: {
      listeners: [
        {
          name: 'egress',
          filter_chains: [
            {
              filters: [
                {
                  name: 'hcm',
                  typed_config: {
                    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: Object.entries(clusters).map(([name, place]) => cluster(name, place)),
    },
  };
}

export function cluster(name: string, ...places: readonly string[]): JsonObject {
  const endpoints = places.map((place) => {
    const [address = '', port] = place.split(':');
    return { endpoint: { address: { socket_address: { address, port_value: Number(port) } } } };
  });
  return {
    name,
    type: 'STRICT_DNS',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  };
}

export const API = { api: 'mw-api-int.discovery.wmnet:4446' };
export const JOBS = { jobs: 'mw-jobrunner.discovery.wmnet:4448' };
export const TO_API: JsonObject = { match: { prefix: '/' }, route: { cluster: 'api' } };
export const TO_JOBS: JsonObject = { match: { prefix: '/' }, route: { cluster: 'jobs' } };

/** All routes of a configuration, wherever they stand, in order. */
export function routesOf(root: Json | undefined): JsonObject[] {
  if (Array.isArray(root)) return root.flatMap((item: Json) => routesOf(item));
  if (!isObject(root)) return [];
  return Object.entries(root).flatMap(([key, value]) =>
    key === 'routes' && Array.isArray(value) ? value.filter(isObject) : routesOf(value),
  );
}

/** The routes that stand in front of the last one. */
export function copiesIn(root: JsonObject): JsonObject[] {
  return routesOf(root).slice(0, -1);
}

/** The value at a path of keys and indices. */
export function at(root: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (node, step) =>
      Array.isArray(node) ? node[Number(step)] : isObject(node) ? node[String(step)] : undefined,
    root,
  );
}

export function clustersOf(root: JsonObject): JsonObject[] {
  return (at(root, 'static_resources', 'clusters') as JsonObject[] | undefined) ?? [];
}

export function clusterNamed(root: JsonObject, name: string): JsonObject {
  return found(
    clustersOf(root).find((candidate) => candidate['name'] === name),
    `cluster ${name}`,
  );
}
