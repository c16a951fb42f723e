import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import type { Insertion } from '../edits.ts';
import { configDirectory, RUNTIME_FOLDER } from '../pod-paths.ts';
import { field, listField, objectField, spelling } from './fields.ts';

/** The layer in which a proxy finds the live share: a mounted ConfigMap, followed through its `..data` link. */
export function diskLayer(diversion: string): JsonObject {
  return {
    name: `shunt.${diversion}.share`,
    disk_layer: { symlink_root: `${configDirectory(diversion)}/..data`, subdirectory: RUNTIME_FOLDER },
  };
}

/**
 * Envoy refuses a regular expression that compiles to more than 100 instructions, about four host names, unless its
 * runtime says otherwise. The limit guards against careless input; ours is generated, and RE2 matches in linear time.
 */
export function regexLimitLayer(diversion: string): JsonObject {
  return {
    name: `shunt.${diversion}.regex-limit`,
    static_layer: { 're2.max_program_size.error_level': 4_294_967_295 },
  };
}

/** A compiled expression has fewer instructions than its text has characters; below this none is near the limit. */
const SURELY_SMALL = 80;

/** An Envoy without declared layers has an admin layer; declaring ours would take that away. */
const IMPLIED_ADMIN_LAYER: JsonObject = { name: 'shunt.admin', admin_layer: {} };

/** Puts our layers below whatever layers are there, so that those, and the admin console, still win. */
export function runtimeInsertions(
  config: JsonObject,
  { diversion }: Plan,
  longestRegex: number,
): Insertion[] {
  const limit = longestRegex > SURELY_SMALL ? [regexLimitLayer(diversion)] : [];
  const own = [...limit, diskLayer(diversion)];
  const layers = listField(field(config, 'layered_runtime'), 'layers');
  if (layers.length > 0) {
    const path = [spelling(config, 'layered_runtime'), 'layers'];
    return [{ path, index: 0, values: own }];
  }
  const value = { layers: [...own, IMPLIED_ADMIN_LAYER] };
  return [{ path: [], key: spelling(config, 'layered_runtime'), value }];
}

/** The configuration without our layer; without any layers at all when it had none before. */
export function withoutRuntimeLayer(config: JsonObject, diversion: string): JsonObject {
  const key = spelling(config, 'layered_runtime');
  const runtime = objectField(config, 'layered_runtime');
  const layers = listField(runtime, 'layers');
  const rest = layers.filter((layer) => !isOwnLayer(layer, diversion));
  if (rest.length === layers.length) return config;
  const declared = rest.some((layer) => field(layer, 'name') !== IMPLIED_ADMIN_LAYER['name']);
  if (declared) return { ...config, [key]: { ...runtime, layers: rest } };
  const { [key]: _layers, ...without } = config;
  return without;
}

/** Whether a runtime layer is one that we add for this diversion. */
export function isOwnLayer(layer: Json, diversion: string): boolean {
  const own = [regexLimitLayer(diversion), diskLayer(diversion)];
  return own.some((added) => added['name'] === field(layer, 'name'));
}
