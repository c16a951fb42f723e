import { isObject, type Json, type JsonObject } from '../core/json.ts';
import type { Pod } from './pod.ts';

/**
 * Whether a value has as much of a pod's shape as the pure functions take for granted. The API server sends nothing
 * else; anybody else gets an error instead of a crash. Null stands for absent, as in all of Kubernetes' JSON.
 */
export function isPod(value: unknown): value is Pod {
  if (!isObject(value) || !isObject(value['spec'])) return false;
  const { containers, initContainers, volumes } = value['spec'];
  const metadata = value['metadata'] ?? {};
  if (!isObject(metadata) || !isObject(metadata['annotations'] ?? {})) return false;
  return (
    Array.isArray(containers) &&
    containers.every(isContainer) &&
    isListOf(initContainers, isContainer) &&
    isListOf(volumes, hasName)
  );
}

function isContainer(value: Json): boolean {
  if (!isObject(value) || !hasName(value)) return false;
  const { env, ports, volumeMounts, command, args } = value;
  return (
    isListOf(env, (item) => hasName(item) && isText((item as JsonObject)['value'] ?? '')) &&
    isListOf(ports, isObject) &&
    isListOf(volumeMounts, (item) => isObject(item) && isText(item['mountPath'])) &&
    isListOf(command, isText) &&
    isListOf(args, isText)
  );
}

function isListOf(value: Json | undefined, isItem: (item: Json) => boolean): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.every(isItem));
}

function hasName(value: Json): boolean {
  return isObject(value) && isText(value['name']);
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string';
}
