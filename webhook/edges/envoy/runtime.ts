import type { Json, JsonObject } from '../../core/json.ts';
import { configDirectory, RUNTIME_FOLDER } from '../../core/pod-paths.ts';
import type { Insertion } from './edits.ts';
import { field, listField, objectField, spelling } from './fields.ts';
import { runtimeLayerName } from './names.ts';

/** The layer in which a proxy finds the live share: a mounted ConfigMap, followed through its `..data` link. */
export function diskLayer(diversion: string): JsonObject {
  return {
    name: runtimeLayerName(diversion),
    disk_layer: { symlink_root: `${configDirectory(diversion)}/..data`, subdirectory: RUNTIME_FOLDER },
  };
}

/** An Envoy without declared layers has an admin layer; declaring ours would take that away. */
function impliedAdminLayer(diversion: string): JsonObject {
  return { name: `${runtimeLayerName(diversion)}-admin`, admin_layer: {} };
}

/** Puts our layer below whatever layers are there, so that those, and the admin console, still win. */
export function runtimeInsertions(config: JsonObject, diversion: string): Insertion[] {
  const layers = listField(field(config, 'layered_runtime'), 'layers');
  if (layers.length > 0) {
    const path = [spelling(config, 'layered_runtime'), 'layers'];
    return [{ path, index: 0, values: [diskLayer(diversion)] }];
  }
  const value = { layers: [diskLayer(diversion), impliedAdminLayer(diversion)] };
  return [{ path: [], key: spelling(config, 'layered_runtime'), value }];
}

/** The configuration without our layer; without any layers at all when it had none before. */
export function withoutRuntimeLayer(config: JsonObject, diversion: string): JsonObject {
  const key = spelling(config, 'layered_runtime');
  const runtime = objectField(config, 'layered_runtime');
  const layers = listField(runtime, 'layers');
  const rest = layers.filter((layer) => !isOwnLayer(layer, diversion));
  if (rest.length === layers.length) return config;
  if (rest.length > 0) return { ...config, [key]: { ...runtime, layers: rest } };
  const { [key]: _layers, ...without } = config;
  return without;
}

/** Whether a runtime layer is one that we add. */
export function isOwnLayer(layer: Json, diversion: string): boolean {
  const own = [diskLayer(diversion), impliedAdminLayer(diversion)];
  return own.some((added) => added['name'] === field(layer, 'name'));
}
