import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { field } from './fields.ts';

/** Whether anything in the configuration is mirrored: a route, or a virtual host on behalf of its routes. */
export function hasMirrors(node: Json | undefined): boolean {
  if (Array.isArray(node)) return node.some(hasMirrors);
  if (!isObject(node)) return false;
  return field(node, 'request_mirror_policies') !== undefined || Object.values(node).some(hasMirrors);
}

/** The action with a mirror that never runs; without any, that of the virtual host would. */
export function withoutMirror(action: JsonObject): JsonObject {
  const { cluster, weighted_clusters: weighted } = action;
  const [first] =
    isObject(weighted) && Array.isArray(weighted['clusters']) ? (weighted['clusters'] as Json[]) : [];
  const never = { default_value: { numerator: 0, denominator: 'HUNDRED' } };
  const policy = { cluster: cluster ?? field(first, 'name') ?? '', runtime_fraction: never };
  return { ...action, request_mirror_policies: [policy] };
}
